"""What of the project a shop has: its statements, their tables, and dbt's manifest without all that stands on others.

Belongs here: putting together what domains declare, what dbt parsed and what the shop file switches off. Does not
belong here: the rules themselves (pipelines.modeling.statements, pipelines.store.days.lineage), parsing (manifest.py).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pipelines.contracts.outputs import OutputContract
from pipelines.defs.manifest import HeldManifest
from pipelines.modeling.statements import Statement, relations_read, statements_there
from pipelines.store.days.lineage import relations_of, sources_above, without_absent


class StatementError(ValueError):
    """Declarations of statements that cannot hold, in one line."""


@dataclass(frozen=True)
class ShopManifest(HeldManifest):
    """A parse as one shop has it: `content` without what is `absent` (tables of statements) or `off` (domains), and
    without all that stands on them. dbt works on the whole of it and is told what to build."""

    base: HeldManifest
    absent: frozenset[str]
    off: frozenset[str]

    @cached_property
    def content(self) -> Mapping[str, Any]:
        """The manifest as dbt's manifest.json has it, of this shop's models alone."""
        if not self.absent and not self.off:
            return self.base.content
        return without_absent(self.base.content, self.absent, self.off)

    @cached_property
    def parsed(self) -> Any:
        """The whole parse as dbt itself works with it."""
        return self.base.parsed


@dataclass(frozen=True)
class Lineage:
    """What a shop has of the project. `statements` and `outputs` are those that are made there; `absent` are the
    declared statements that are not, with the contracts of their tables; `relations` the `schema.table` of its marts
    and of what is stated."""

    held: ShopManifest
    statements: tuple[Statement, ...]
    outputs: tuple[OutputContract, ...]
    absent: Mapping[str, tuple[OutputContract, ...]]
    relations: Set[str]

    def sources_of(self, statement: Statement) -> frozenset[str]:
        """The shop's sources that feed what a statement needs or may use."""
        schemas = {contract.table: contract.schema for contract in self.outputs}
        makers = {f"{schemas[table]}.{table}": item for item in self.statements for table in item.tables}
        return sources_above(self.held.content, relations_read(statement, makers))


def shop_lineage(
    held: HeldManifest, outputs: Sequence[OutputContract], statements: Sequence[Statement], off: Set[str] = frozenset()
) -> Lineage:
    """What a shop has, whose project parsed to `held` and whose file switches the domains `off`.

    Raises StatementError where contracts and declarations differ, or a statement needs what nobody makes.
    """
    contracts = {contract.table: contract for contract in outputs}
    _check(held.content, contracts, statements)
    schemas = {table: contract.schema for table, contract in contracts.items()}
    marts = relations_of(without_absent(held.content, frozenset(), off) if off else held.content)
    there = statements_there([item for item in statements if domain(item, contracts) not in off], marts, schemas)
    made = {table for item in there for table in item.tables}
    return Lineage(
        held=ShopManifest(held.folder, held.code, held, frozenset(contracts.keys() - made), frozenset(off)),
        statements=there,
        outputs=tuple(contract for contract in outputs if contract.table in made),
        absent={
            item.name: tuple(contracts[table] for table in item.tables) for item in statements if item not in there
        },
        relations=marts | {f"{schemas[table]}.{table}" for table in made},
    )


def domain(statement: Statement, contracts: Mapping[str, OutputContract]) -> str:
    """The domain of a statement, as the contracts of its tables have it."""
    return contracts[statement.tables[0]].domain


def _check(
    manifest: Mapping[str, Any], contracts: Mapping[str, OutputContract], statements: Sequence[Statement]
) -> None:
    claimed = Counter(table for item in statements for table in item.tables)
    for table, count in sorted(claimed.items()):
        if table not in contracts:
            raise StatementError(
                f"{table} is stated but has no contract: write data_contracts/outputs/{table}.odcs.yaml"
            )
        if count > 1:
            names = " and ".join(item.name for item in statements if table in item.tables)
            raise StatementError(f"{table} is stated twice, by {names}: a table has one statement")
    if left := sorted(contracts.keys() - claimed.keys()):
        raise StatementError(
            f"data_contracts/outputs/{left[0]}.odcs.yaml has no statement: name {left[0]} in the tables of one"
        )
    known = _every_relation(manifest) | {f"{item.schema}.{table}" for table, item in contracts.items()}
    for item in statements:
        if len({contracts[table].domain for table in item.tables}) != 1:
            raise StatementError(f"{item.name} states tables of no domain or several: a statement is of one")
        if wrong := sorted({*item.needs, *item.optional} - known):
            raise StatementError(f"{item.name} needs {wrong[0]}, which no model makes: correct its name")


def _every_relation(manifest: Mapping[str, Any]) -> set[str]:
    """`schema.table` of all models of the project, also of those that this shop's entities switch off."""
    switched_off = [node for nodes in manifest.get("disabled", {}).values() for node in nodes]
    return relations_of(manifest) | relations_of({"nodes": {str(n): node for n, node in enumerate(switched_off)}})
