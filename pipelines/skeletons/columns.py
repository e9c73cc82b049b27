"""The lines of an entity that follow from a source's contract: its canonical columns, its fact, what a source brings.

Belongs here: columns to lines of YAML and SQL. Does not belong here: reading the contract (pipelines.contracts).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from pipelines.skeletons.names import SkeletonError

if TYPE_CHECKING:
    from pipelines.contracts.canonical import CanonicalColumn
    from pipelines.contracts.contract import SourceContract

# What every row of a conformed model carries beside what its source tells (name, type, description).
TAIL = (
    ("delivery_id", "string", "The delivered file that the row stands in; what a published number rests on is told "
     "by it."),
    ("contract_version", "string", "Version of the data contract under which the newest row behind this one was "
     "accepted."),
    ("batch_id", "bigint", "The newest ingestion batch among the rows behind this one; for audit only."),
)  # fmt: skip
TYPES = {"VARCHAR": "string", "DECIMAL(18,4)": "decimal(18, 4)"}
# What a core model says of columns that all of them have.
SHARED = ("source_system", "contract_version", "batch_id")


@dataclass(frozen=True)
class Line:
    """A column of an entity: what staging calls it, what the entity does."""

    staged: str
    name: str
    type: str
    description: str
    is_pseudonym: bool = False


def entity_blocks(contract: SourceContract) -> tuple[dict[str, str], dict[str, str]]:
    """Names and blocks for the templates of an entity that has the columns of a contract's table. Raises SkeletonError
    for a table without a key or a moment."""
    lines, day = _lines(contract)
    named = [contract.column(name).staged_as for name in contract.row_key]
    own = [name for name in named if name in {line.name for line in lines}]
    if not own or len(own) < len(named):
        raise SkeletonError(f"{contract.source}.{contract.table} has no rowKey that staging keeps: name one first")
    # Two sources may number their rows alike.
    key = ["source_system", *own]
    told = [Line("", "source_system", "string", "The source that delivered the row."), *lines]
    told += [Line(name, name, type_, text) for name, type_, text in TAIL]
    united = [line for line in told if line.name != "delivery_id"]
    names = {"day": day, "key": ", ".join(key), "lines": ", ".join(f"{name}: {name}" for name in key)}
    return names, {
        "canonical": _yaml([{"name": c.name, "type": c.type, "description": c.description} for c in told]),
        "conformed": _selected(contract, told),
        "united": ",\n".join(line.name for line in united),
        "described": _yaml([_described(line) for line in united]),
    }


def lines_of_source(contract: SourceContract, entity: Sequence[CanonicalColumn]) -> tuple[dict[str, str], list[str]]:
    """The block of what a source brings of an entity that stands, and the columns that it does not know."""
    lines, _ = _lines(contract)
    known = {line.name: line for line in [*lines, *(Line(name, name, type_, text) for name, type_, text in TAIL)]}
    chosen, missing = [], []
    for column in entity:
        if column.name == "source_system":
            chosen.append(Line("", column.name, column.type, ""))
        elif column.name in known:
            chosen.append(known[column.name])
        else:
            missing.append(column.name)
            chosen.append(Line(f"cast(null as {column.type})", column.name, column.type, ""))
    return {"conformed": _selected(contract, chosen)}, missing


def _lines(contract: SourceContract) -> tuple[list[Line], str]:
    """What the source tells, in the contract's order, the day behind its moment; and the day's name."""
    lines: list[Line] = []
    day = ""
    for column in contract.columns:
        if column.staged_as is None or column.personal_data == "direct":
            continue
        type_ = TYPES.get(column.sql_type, column.sql_type.lower())
        is_pseudonym = column.personal_data == "pseudonym"
        lines.append(Line(column.staged_as, column.staged_as, type_, column.description, is_pseudonym))
        if column.name == contract.event_timestamp:
            day = f"{column.staged_as.removesuffix('_at').removesuffix('_date')}_date"
            if day != column.staged_as:
                lines.append(Line("event_date", day, "date", "Day of the event, in the shop's zone."))
    if not day:
        raise SkeletonError(f"{contract.source}.{contract.table} has no eventTimestamp that staging keeps: name one")
    return lines, day


def _selected(contract: SourceContract, lines: Sequence[Line]) -> str:
    """Columns of a select, each under the entity's name."""
    told = [
        f"'{contract.source}' as source_system"
        if line.name == "source_system"
        else line.name
        if line.staged == line.name
        else f"{line.staged} as {line.name}"
        for line in lines
    ]
    return ",\n".join(told)


def _described(line: Line) -> dict[str, object]:
    text = f"{{{{ doc('{line.name}') }}}}" if line.name in SHARED else line.description
    told: dict[str, object] = {"name": line.name, "data_type": line.type, "description": text}
    if line.is_pseudonym:
        told["config"] = {"meta": {"personal_data": "pseudonym"}}
    return told


def _yaml(entries: Sequence[object]) -> str:
    return str(yaml.safe_dump(list(entries), sort_keys=False, width=100, allow_unicode=True))
