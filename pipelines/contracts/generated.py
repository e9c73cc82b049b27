"""All that follows from the contracts: which files, with what text; written, and what no longer follows removed.

Belongs here: putting the generators together. Does not belong: what a file says (dbt_sources.py, staging.py,
row_versions.py, conformed.py, outputs.py, published.py, dictionary.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TypeVar

import yaml

from pipelines.contracts.canonical import CanonicalEntity, load_canonical, load_vocabulary
from pipelines.contracts.conformed import render_conformed
from pipelines.contracts.contract import SourceContract
from pipelines.contracts.control_totals import check_entities
from pipelines.contracts.dbt_sources import render_dbt_sources, sources_path
from pipelines.contracts.dbt_text import is_generated, shared_texts
from pipelines.contracts.described import refuse_told_twice
from pipelines.contracts.dictionary import render_data_dictionary
from pipelines.contracts.errors import ContractError
from pipelines.contracts.model_columns import Columns
from pipelines.contracts.odcs import load_source_contracts
from pipelines.contracts.outputs import (
    OutputContract,
    load_output_contracts,
    output_sources_path,
    render_output_sources,
)
from pipelines.contracts.published import render_published
from pipelines.contracts.released import contract_files
from pipelines.contracts.row_versions import render_row_versions, row_versions_path
from pipelines.contracts.shapes import LOADER
from pipelines.contracts.staging import render_staging

Item = TypeVar("Item")
# Where generated files lie, and only such as begin with saying so are ever removed.
PLACES = ("dbt_project/models", "data_contracts/published", "docs/data_dictionary")


def render_generated(project: Path) -> dict[Path, str]:
    """Check all contracts of the project and render every file that follows, by path. Raises ContractError."""
    contracts, entities, outputs = _loaded(project)
    vocabulary = load_vocabulary(project / "data_contracts" / "vocabulary.yaml")
    models = project / "dbt_project" / "models"
    published = render_published(models, vocabulary)
    pages = render_data_dictionary(
        contracts, entities, outputs, (yaml.load(text, LOADER) for text in published.values())
    )
    return {
        **_dbt_files(contracts, entities, outputs, models),
        **{project / "data_contracts" / "published" / f"{name}.odcs.yaml": text for name, text in published.items()},
        **{project / "docs" / "data_dictionary" / name: text for name, text in pages.items()},
    }


def render_dbt_files(project: Path) -> dict[Path, str]:
    """Of these, what dbt needs: sources, staging, the YAML of conformed models. Raises ContractError."""
    return _dbt_files(*_loaded(project), project / "dbt_project" / "models")


Contracts = tuple[tuple[SourceContract, ...], tuple[CanonicalEntity, ...], tuple[OutputContract, ...]]


def _loaded(project: Path) -> Contracts:
    directory = project / "data_contracts"
    contract_files(directory)  # refuses a file that none of these would find
    contracts = load_source_contracts(directory / "sources")
    entities = load_canonical(directory / "canonical")
    check_entities(directory / "sources", contracts, {entity.entity for entity in entities})
    return contracts, entities, load_output_contracts(directory / "outputs")


def _dbt_files(
    contracts: Iterable[SourceContract],
    entities: Iterable[CanonicalEntity],
    outputs: Iterable[OutputContract],
    models: Path,
) -> dict[Path, str]:
    texts = shared_texts(models)
    files: dict[Path, str] = {}
    staged: dict[str, Columns] = {}
    for source, tables in _by(contracts, "source"):
        files[sources_path(models, source)] = render_dbt_sources(tables)
        files[row_versions_path(models, source)] = render_row_versions(tables)
        written, staging = render_staging(tables, models, texts)
        files |= written
        staged |= {model.name: [(column.name, column.type) for column in model.columns] for model in staging}
    files |= render_conformed(entities, models, staged)
    for domain, stated in _by(outputs, "domain"):
        files[output_sources_path(models, domain)] = render_output_sources(stated)
    refuse_told_twice(files, models)
    return files


def _by(items: Iterable[Item], name: str) -> Iterator[tuple[str, list[Item]]]:
    of = attrgetter(name)
    return ((key, list(members)) for key, members in groupby(sorted(items, key=of), of))


def write_generated(project: Path) -> tuple[list[Path], list[Path]]:
    """Make the generated files of the project what they have to be; returns those written and those removed, because
    nothing asks for them any more. Raises ContractError: then nothing was changed, or, where a file could not be
    written, nothing removed, and the next call goes on."""
    files = render_generated(project)
    removed = [path for path in found_generated(project) if path not in files]
    try:
        written = write_files(files)
        for path in removed:
            path.unlink()
    except OSError as error:
        problem = f"it cannot be written ({error.strerror})"
        raise ContractError(str(error.filename), problem, "make room for it, then `make contracts`") from error
    return written, removed


def write_files(files: dict[Path, str]) -> list[Path]:
    """Write each text to its path, where it does not stand there already; returns the paths written."""
    written = [path for path, text in files.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    for path in written:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding="utf-8")
    return written


def found_generated(project: Path) -> list[Path]:
    """The files of the project that say that they are generated."""
    found = [path for place in PLACES for path in sorted((project / place).rglob("*")) if path.is_file()]
    return [path for path in found if is_generated(path.read_text(encoding="utf-8", errors="replace"))]
