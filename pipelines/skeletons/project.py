"""What a checkout of the project has already: sources with their columns, entities, models, domains, systems.

Belongs here: reading it, and refusing what is not there or is said elsewhere. Does not belong here: what is written
(kinds.py), files in its way (standing.py).
Methods raise SkeletonError, or ContractError where a file of the project cannot be read: one line that names it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.contracts.canonical import CanonicalEntity, load_entity, load_vocabulary
from pipelines.contracts.dbt_text import text_of
from pipelines.skeletons.models import DbtModel, read_model
from pipelines.skeletons.names import SkeletonError

if TYPE_CHECKING:
    from pipelines.contracts.contract import SourceContract

# Where a checkout shows that it is one: an installed package has neither.
MARKS = ("dbt_project/dbt_project.yml", "data_contracts/vocabulary.yaml", "tests", "simulator")
# How the commands of the readme, of CONTRIBUTING.md and of what is printed call the one of this checkout.
ALMANAC = ".venv/bin/almanac"


@dataclass(frozen=True)
class Daily:
    """Columns by which a table tells of a day: the day, a count (None where the rows themselves are counted), an
    amount, its currency."""

    day: str
    count: str | None
    amount: str
    currency: str


def checkout_around(folder: Path) -> Path | None:
    """The checkout of the project that a folder lies in; None where it lies in none."""
    around = (place for place in (folder, *folder.parents) if all((place / mark).exists() for mark in MARKS))
    return next(around, None)


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

    def need(self, option: str, kind: str, name: str, known: Sequence[str], instead: str) -> str:
        """The name, given as `option`, which must be among the known ones."""
        if name not in known:
            told = ", ".join(known) or "none"
            raise SkeletonError(f"{option}: there is no {kind} {name!r} (there are: {told}): {instead}")
        return name

    def need_domain(self, name: str) -> str:
        """The name of a domain that is there."""
        known = self.names("pipelines/domains")
        return self.need("--domain", "domain", name, known, f"{ALMANAC} new domain <domain>")

    def need_unsaid(self, said: str, below: str, told: str, own: str) -> None:
        """Refuse where a Python file below a folder of the project says (a pattern) what has one place alone; `own` is
        the file that is to be written, and `told` what is refused."""
        for file in sorted(self.root.glob(f"{below}/**/*.py")):
            place = file.relative_to(self.root).as_posix()
            if place != own and re.search(said, text_of(file)):
                raise SkeletonError(f"{told} already ({place}): choose another")

    def contract(self, source: str, table: str | None, option: str = "--source") -> SourceContract:
        """The contract of a source's table; of its only one where none is named. `option` is how the source was
        given."""
        from pipelines.contracts.odcs import load_source_contract

        known = {file.parent.name for file in (self.root / "data_contracts" / "sources").glob("*/*.odcs.yaml")}
        instead = f"{ALMANAC} new source <source> --entity <entity>"
        folder = f"data_contracts/sources/{self.need(option, 'source', source, sorted(known), instead)}"
        tables = self.names(folder, ".odcs.yaml")
        if table is None and len(tables) > 1:
            raise SkeletonError(f"source {source} has the tables {', '.join(tables)}: choose one with --table")
        chosen = self.need("--table", "table", table or tables[0], tables, f"give a table of {source}")
        return load_source_contract(self.root / folder / f"{chosen}.odcs.yaml")

    def canonical(self, entity: str) -> CanonicalEntity | None:
        """An entity with its columns in their order; None where there is no such entity."""
        folder = self.root / "data_contracts" / "canonical"
        return load_entity(folder, entity) if (folder / f"{entity}.yaml").exists() else None

    def personal(self, column: str) -> str:
        """The class of personal data that the vocabulary gives to a column."""
        term = load_vocabulary(self.root / "data_contracts" / "vocabulary.yaml").term(column)
        return term.personal_data if term else "none"

    def core_table(self, entity: str) -> str:
        """The fact that unites an entity of all sources."""
        said = re.compile(rf"union_sources\(\s*'{re.escape(entity)}'")
        facts = sorted((self.models / "core").glob("fct_*.sql"))
        found = [file.stem for file in facts if said.search(text_of(file))]
        if not found:
            known = self.names("data_contracts/canonical", ".yaml")
            self.need("--entity", "entity", entity, known, f"{ALMANAC} new entity <entity> --source <source>")
            raise SkeletonError(f"no fct_* in dbt_project/models/core unites the entity {entity}: write one first")
        return found[0]

    def entity_of(self, model: str) -> str:
        """The entity that a dbt model stands on, as its `config` names it: the first where there are several."""
        file = next(self.models.rglob(f"{model}.sql"), None)
        found = re.search(r"has_entities\('(\w+)'", text_of(file)) if file else None
        if not found:
            raise SkeletonError(f"{model} does not say which entity it stands on (has_entities): write yours by hand")
        return found[1]

    def model(self, name: str) -> DbtModel:
        """A dbt model, as the YAML beside it tells it."""
        file = next(self.models.rglob(f"{name}.yml"), None)
        if file is None:
            raise SkeletonError(f"there is no {name}.yml below {self.models}: describe the model {name} there first")
        return read_model(file, name)

    def daily(self, model: str, *, counted: bool) -> Daily:
        """By which columns a model tells of a day: the first of each kind. Raises SkeletonError where one lacks."""
        columns = self.model(model).columns
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

    def true_amounts(self, system: str) -> tuple[str, str]:
        """The key's table of the true rows of a system's table, and its column of amounts, where it is one that the
        skeletons know."""
        place = f"simulator/systems/{system}/tables.py"
        for table, columns in declared_tables(text_of(self.root / place), place):
            amounts = [column for column in columns if column.endswith("_amount")]
            if amounts and {"occurred_at", "amount_currency"} <= {*columns}:
                return f"{system}_{table}", amounts[0]
        raise SkeletonError(
            f"system {system} has no table with occurred_at, an amount and amount_currency, which the skeleton of a "
            "grade compares: write yours as simulator/systems/warehouse/grades.py is"
        )

    def rests_on(self, table: str, source: str) -> bool:
        """Whether rows of a published table follow from rows of a source, as its `rests_on` declares."""
        brought = {file.stem for file in self.models.glob(f"conformed/*/cnf_{source}__*.sql")}
        return any(f"cnf_{source}__{entity}" in brought for entity in self.model(table).entities_behind)

    def first_daily(self, tables: Sequence[str]) -> Iterator[tuple[str, Daily]]:
        """Those of the tables that tell of days, and by which columns they do."""
        for table in tables:
            try:
                yield table, self.daily(table, counted=True)
            except SkeletonError:
                continue

    def published(self, domain: str = "*", where: Callable[[str], bool] = lambda table: True) -> list[str]:
        """The published tables of a domain, or of all, of which something holds."""
        tables = sorted(file.stem for file in (self.models / "published").glob(f"{domain}/rpt_*.sql"))
        return [table for table in tables if where(table)]


def declared_tables(text: str, place: str) -> Iterator[tuple[str, list[str]]]:
    """Name and columns of every table that a system's tables.py, `text` at `place`, declares."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError) as error:  # ValueError: a null byte
        line = f" line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        said = error.msg if isinstance(error, SyntaxError) else str(error)
        raise SkeletonError(f"{place}{line}: not readable as Python ({said}): correct it") from error
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "table":
            texts = [part.value for part in node.args if isinstance(part, ast.Constant) and isinstance(part.value, str)]
            if len(texts) == 2:
                yield texts[0], texts[1].split()
