"""`python -m pipelines.contracts`: regenerate what follows from the contracts (dbt sources, the models that count row
versions, data dictionary), and the contracts of the published tables, which follow from dbt's YAML."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml

from pipelines.contracts.canonical import load_canonical, load_vocabulary
from pipelines.contracts.dbt_sources import write_dbt_sources
from pipelines.contracts.dictionary import write_data_dictionary
from pipelines.contracts.errors import ContractError
from pipelines.contracts.odcs import load_source_contracts
from pipelines.contracts.outputs import load_output_contracts, output_sources_path, render_output_sources
from pipelines.contracts.published import write_published
from pipelines.contracts.row_versions import write_row_versions


def regenerate(project: Path) -> list[Path]:
    """Check all contracts below `project`, rewrite the generated files, return their paths. Raises ContractError."""
    contracts = load_source_contracts(project / "data_contracts" / "sources")
    entities = load_canonical(project / "data_contracts" / "canonical")
    vocabulary = load_vocabulary(project / "data_contracts" / "vocabulary.yaml")
    outputs = load_output_contracts(project / "data_contracts" / "outputs")
    models = project / "dbt_project" / "models"
    statements = output_sources_path(models)
    statements.write_text(render_output_sources(outputs), encoding="utf-8")
    published = write_published(models, vocabulary, project / "data_contracts" / "published")
    read = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in published]
    page = write_data_dictionary(contracts, entities, outputs, read, project / "docs" / "data_dictionary.md")
    counted = write_row_versions(contracts, models)
    return [*write_dbt_sources(contracts, models), *counted, statements, page, *published]


def main() -> int:
    """Run in the project that this file belongs to."""
    try:
        for path in regenerate(Path(__file__).resolve().parents[2]):
            print(f"wrote {path}")
    except ContractError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
