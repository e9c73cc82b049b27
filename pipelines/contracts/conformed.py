"""The YAML of conformed models, generated: their columns are those of the canonical entity, in every source.

Belongs here: rendering `_<source>__conformed.yml`. Does not belong: the models themselves, which are written by hand;
what a model has to say of its own rows stands in the comment that its SQL begins with.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pipelines.contracts.canonical import CanonicalEntity
from pipelines.contracts.dbt_text import Model, ModelColumn, own_words, render_models, text_of
from pipelines.contracts.errors import ContractError

HEADER = (
    "# Generated from data_contracts/canonical by `make contracts`, and from the comment that each model begins with.\n"
    "# Edit these, not this file.\n"
)


def render_conformed(entities: Iterable[CanonicalEntity], models: Path) -> dict[Path, str]:
    """The YAML of every source that has conformed models below `models` (dbt's folder of models), by path. Raises
    ContractError where a model brings an entity that is not there."""
    known = {entity.entity: entity for entity in entities}
    by_folder: dict[Path, list[Model]] = {}
    for path in sorted((models / "conformed").glob("*/cnf_*.sql")):
        source = path.parent.name
        entity = path.stem.removeprefix(f"cnf_{source}__")
        if entity not in known:
            raise ContractError(
                path.name,
                f"there is no canonical entity {entity!r}",
                f"name the model cnf_{source}__<entity>, or write data_contracts/canonical/{entity}.yaml",
            )
        by_folder.setdefault(path.parent, []).append(_model(path, known[entity]))
    return {
        folder / f"_{folder.name}__conformed.yml": render_models(HEADER, members)
        for folder, members in by_folder.items()
    }


def _model(path: Path, entity: CanonicalEntity) -> Model:
    words = own_words(text_of(path)) or entity.description
    columns = (ModelColumn(column.name, column.type, " ".join(column.description.split())) for column in entity.columns)
    return Model(path.stem, " ".join(words.split()), tuple(columns))
