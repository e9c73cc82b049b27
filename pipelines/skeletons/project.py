"""What a checkout of the project has already: sources with their columns, entities, models, domains, systems.

Belongs here: reading it, and refusing what is not there or is taken. Does not belong here: what is written (kinds.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from pipelines.skeletons.names import SkeletonError

if TYPE_CHECKING:
    from pipelines.contracts.contract import SourceContract

# Where a checkout shows that it is one: an installed package has neither.
MARKS = ("dbt_project/dbt_project.yml", "data_contracts/vocabulary.yaml", "tests", "simulator")


@dataclass(frozen=True)
class ModelColumn:
    """A column of a dbt model as its YAML declares it."""

    name: str
    type: str


@dataclass(frozen=True)
class Daily:
    """Columns by which a table tells of a day: the day, a count (None where the rows themselves are counted), an
    amount, its currency."""

    day: str
    count: str | None
    amount: str
    currency: str


class Project:
    """A checkout at `root`. Raises SkeletonError where there is none."""

    def __init__(self, root: Path) -> None:
        missing = [mark for mark in MARKS if not (root / mark).exists()]
        if missing:
            raise SkeletonError(f"{root} is no checkout of the project (it has no {missing[0]}): run this in one")
        self.root = root
        self.models = root / "dbt_project" / "models"

    def names(self, folder: str, suffix: str = "") -> list[str]:
        """The names below a folder: those of files with the suffix, without it, or of packages where there is none."""
        place = self.root / folder
        if suffix:
            return sorted(file.name.removesuffix(suffix) for file in place.glob(f"*{suffix}"))
        return sorted(file.parent.name for file in place.glob("*/__init__.py"))

    def need(self, kind: str, name: str, known: Sequence[str], instead: str) -> str:
        """The name, which must be among the known ones."""
        if name not in known:
            told = ", ".join(known) or "none"
            raise SkeletonError(f"there is no {kind} {name!r} (there are: {told}): {instead}")
        return name

    def need_domain(self, name: str) -> str:
        """The name of a domain that is there."""
        return self.need("domain", name, self.names("pipelines/domains"), f"almanac new domain {name}")

    def need_free(self, kind: str, name: str, folder: str, suffix: str = "") -> None:
        """Refuse a name that is taken in a folder."""
        if name in self.names(folder, suffix):
            raise SkeletonError(
                f"there is a {kind} {name!r} already ({folder}): choose another name, or remove what a killed run left"
            )

    def need_absent(self, path: str, instead: str) -> None:
        """Refuse where a file is in the way."""
        if (self.root / path).exists():
            raise SkeletonError(f"{path} is in the way: {instead}")

    def need_free_section(self, name: str) -> None:
        """Refuse the name of a section that any page has: links address it by its name alone."""
        for file in sorted((self.root / "pipelines" / "domains").glob("*/report/**/*.py")):
            if f'"{name}.title"' in file.read_text("utf-8"):
                raise SkeletonError(f"there is a section {name!r} already ({file.parent.relative_to(self.root)})")

    def need_free_model(self, name: str) -> None:
        """Refuse the name of a dbt model that is there: dbt knows a model by its name alone."""
        if found := next(self.models.rglob(f"{name}.sql"), None):
            place = found.relative_to(self.root)
            raise SkeletonError(f"there is a dbt model {name!r} already ({place}): choose another name")

    def contract(self, source: str, table: str | None) -> SourceContract:
        """The contract of a source's table; of its only one where none is named. Raises ContractError for a bad one."""
        from pipelines.contracts.odcs import load_source_contract

        known = {file.parent.name for file in (self.root / "data_contracts" / "sources").glob("*/*.odcs.yaml")}
        folder = f"data_contracts/sources/{self.need('source', source, sorted(known), 'almanac new source <source>')}"
        tables = self.names(folder, ".odcs.yaml")
        if table is None and len(tables) > 1:
            raise SkeletonError(f"source {source} has the tables {', '.join(tables)}: choose one with --table")
        chosen = self.need("table", table or tables[0], tables, "choose one of them with --table")
        return load_source_contract(self.root / folder / f"{chosen}.odcs.yaml")

    def canonical(self, entity: str) -> list[ModelColumn] | None:
        """The columns of an entity in their order; None where there is no such entity."""
        file = self.root / "data_contracts" / "canonical" / f"{entity}.yaml"
        if not file.exists():
            return None
        return [ModelColumn(column["name"], column["type"]) for column in _loaded(file)["columns"]]

    def core_table(self, entity: str) -> str:
        """The fact that unites an entity of all sources."""
        said = re.compile(rf"union_sources\(\s*'{re.escape(entity)}'")
        facts = sorted((self.models / "core").glob("fct_*.sql"))
        found = [file.stem for file in facts if said.search(file.read_text("utf-8"))]
        if not found:
            known = self.names("data_contracts/canonical", ".yaml")
            self.need("entity", entity, known, f"almanac new entity {entity} --source <source>")
            raise SkeletonError(f"no fct_* in dbt_project/models/core unites the entity {entity}: write one first")
        return found[0]

    def entity_of(self, model: str) -> str:
        """The entity that a dbt model stands on, as its `config` names it: the first where there are several."""
        file = next(self.models.rglob(f"{model}.sql"), None)
        found = re.search(r"has_entities\('(\w+)'", file.read_text("utf-8")) if file else None
        if not found:
            raise SkeletonError(f"{model} does not say which entity it stands on (has_entities): write yours by hand")
        return found[1]

    def columns(self, model: str) -> list[ModelColumn]:
        """The columns of a dbt model, as the YAML beside it has them. Raises SkeletonError where there is no such."""
        found = next(self.models.rglob(f"{model}.yml"), None)
        if found is None:
            raise SkeletonError(f"there is no dbt model {model!r} with a YAML below {self.models}: check the name")
        (told,) = (one for one in _loaded(found)["models"] if one["name"] == model)
        return [ModelColumn(column["name"], column["data_type"]) for column in told["columns"]]

    def daily(self, model: str, *, counted: bool) -> Daily:
        """By which columns a model tells of a day: the first of each kind. Raises SkeletonError where one lacks."""
        columns = self.columns(model)
        wanted = {
            "a date": [column.name for column in columns if column.type == "date"],
            "a decimal *_amount": [c.name for c in columns if c.name.endswith("_amount") and c.type != "double"],
            "amount_currency": [column.name for column in columns if column.name == "amount_currency"],
            "a count n_*": [c.name for c in columns if c.name.startswith("n_")] if counted else [""],
        }
        if lacking := [what for what, names in wanted.items() if not names]:
            raise SkeletonError(
                f"{model} has no column that is {lacking[0]}: the skeleton tells of amounts by day and currency; write "
                "yours beside one that stands (CONTRIBUTING.md)"
            )
        day, amount, currency, count = (names[0] for names in wanted.values())
        return Daily(day, count or None, amount, currency)

    def truth_of(self, system: str) -> str:
        """The key's table of the true rows of a system's table, where it is one that the skeletons know."""
        text = (self.root / "simulator" / "systems" / system / "tables.py").read_text("utf-8")
        for table, columns in re.findall(r'FORM\.table\(\s*"(\w+)",\s*"([^"]*)"', text):
            if {"occurred_at", "entry_amount", "amount_currency"} <= {*columns.split()}:
                return f"{system}_{table}"
        raise SkeletonError(
            f"system {system} has no table with occurred_at, entry_amount and amount_currency, which the skeleton of a "
            "grade compares: write yours as simulator/systems/warehouse/grades.py is"
        )

    def all_published(self) -> list[str]:
        """The published tables of all domains."""
        return sorted(file.stem for file in (self.models / "published").glob("*/rpt_*.sql"))

    def published(self, domain: str) -> list[str]:
        """The published tables of a domain."""
        return sorted(file.stem for file in (self.models / "published" / domain).glob("rpt_*.sql"))


def _loaded(file: Path) -> dict[str, list[dict[str, Any]]]:
    loaded: dict[str, list[dict[str, Any]]] = yaml.safe_load(file.read_text("utf-8"))
    return loaded
