"""The YAML of conformed models, generated: their columns are those of the canonical entity, in every source.

Belongs here: rendering `_<source>__conformed.yml`, and that a model has the columns that its entity tells. Does not
belong: the models themselves, which are written by hand; what a model has to say of its own rows stands in the comment
that its SQL begins with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from pipelines.contracts.canonical import CanonicalEntity
from pipelines.contracts.dbt_text import Model, ModelColumn, own_words, render_models, text_of
from pipelines.contracts.errors import ContractError
from pipelines.contracts.model_columns import MODELS, Columns, columns_of

HEADER = (
    "# Generated from data_contracts/canonical by `make contracts`, and from the comment that each model begins with.\n"
    "# Edit these, not this file.\n"
)
REFERENCE = re.compile(r"""\bref\(\s*['"](\w+)['"]\s*\)""")


def render_conformed(
    entities: Iterable[CanonicalEntity], models: Path, staged: Mapping[str, Columns]
) -> dict[Path, str]:
    """The YAML of every source that has conformed models below `models` (dbt's folder of models), by path. `staged`:
    the columns of each staging model. Raises ContractError where a model brings an entity that is not there, or lacks
    columns of its entity."""
    known = {entity.entity: entity for entity in entities}
    found = {path.stem: path for path in sorted((models / "conformed").rglob("cnf_*.sql"))}
    by_folder: dict[Path, list[Model]] = {}
    brought: dict[str, list[str]] = {}
    for name, path in found.items():
        entity = _entity(path, models)
        if entity not in known:
            raise ContractError(
                path.name,
                f"there is no canonical entity {entity!r}",
                f"name the model cnf_{path.parent.name}__<entity>, or write data_contracts/canonical/{entity}.yaml",
            )
        by_folder.setdefault(path.parent, []).append(_model(path, known[entity]))
        brought.setdefault(entity, []).append(name)
    reader = _Reader(models, found, staged)
    for entity, names in brought.items():
        _refuse_lacking(known[entity], [found[name] for name in names], reader)
    return {
        folder / f"_{folder.name}__conformed.yml": render_models(HEADER, members)
        for folder, members in by_folder.items()
    }


def _entity(path: Path, models: Path) -> str:
    """The entity that a model brings, as its name tells it: its folder is the source's own."""
    if path.parent.parent != models / "conformed":
        place = str(path.relative_to(models))
        raise ContractError(place, "it lies in no source's folder", "move it to conformed/<source>/")
    return path.stem.removeprefix(f"cnf_{path.parent.name}__")


def _model(path: Path, entity: CanonicalEntity) -> Model:
    words = own_words(text_of(path)) or entity.description
    columns = (ModelColumn(column.name, column.type, " ".join(column.description.split())) for column in entity.columns)
    return Model(path.stem, " ".join(words.split()), tuple(columns))


def _refuse_lacking(entity: CanonicalEntity, paths: Iterable[Path], reader: _Reader) -> None:
    """A column more of an entity is a column more of each of its models: all that is missing, in one line."""
    lacking = []
    for path in paths:
        has = reader.columns(path.stem)
        if has and (missing := [column.name for column in entity.columns if column.name not in {n for n, _ in has}]):
            lacking.append(f"{path.name} lacks {', '.join(missing)}")
    if lacking:
        raise ContractError(
            f"canonical/{entity.entity}.yaml", "; ".join(lacking), "select these columns there, or take them off here"
        )


class _Reader:
    """The columns of conformed models, which read staging models and each other. One that reads what is not known here,
    such as a seed, or is in a form of dbt's own, has no columns to tell: dbt will say what it lacks."""

    def __init__(self, models: Path, paths: Mapping[str, Path], staged: Mapping[str, Columns]) -> None:
        self.models, self.paths, self.known = models, paths, dict(staged)

    def columns(self, name: str) -> Columns:
        """Name and type of the model's columns; none where they cannot be known."""
        if name not in self.known and name in self.paths:
            self.known[name] = ()  # for one that reads itself
            sql = text_of(self.paths[name])
            tables = {(MODELS, read): self.columns(read) for read in REFERENCE.findall(sql)}
            try:
                self.known[name] = columns_of(self.paths[name], sql, self.models, tables)
            except ContractError:
                return ()
        return self.known.get(name, ())
