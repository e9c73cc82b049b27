"""Evidence (row-level lineage): on which deliveries a published number rests.

Belongs here: from a row of a published table to the lines behind it, from these to the files they came in. Does not
belong here: which tables are published (pipelines.defs.publish), printing.
A model's `meta.rests_on` says what one of its rows follows from:
`lines`: columns of the conformed order lines that must equal columns of the row; none for all lines;
`of`: the conformed entity whose rows `lines` means, where it is not order_lines;
`also`: a list of further `of` and `lines`, such as the exchange rates; of entities that the shop lacks none count;
`until`: only lines up to the day in this column of the row;
`history_of`: also all other lines of the same customers (or whatever the column holds);
`accounts_of`: also rows that were delivered for the day in this column and not read (quarantine, duplicates, blocked);
`arrived_on`: no lines but everything that arrived on the day in this column, of the row's source table;
`calendar`: the shop's calendar, no delivery.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipelines.contracts.contract import SourceContract
from pipelines.contracts.expression import quoted
from pipelines.store.arrivals.quarantine import right_since


class EvidenceError(ValueError):
    """A row that cannot be explained; the message says why and what to do."""


@dataclass(frozen=True)
class RestsOn:
    """One delivery behind a row: the file, the run that loaded it, how many rows of it count here, how many rows of
    it were set apart by outcome (for `accounts_of` and `arrived_on`), and the repairs laid over rows of it."""

    delivery_id: str
    table: str
    file_name: str
    file_sha256: str
    arrival_date: dt.date
    state: str
    contract_version: str
    batch_id: int | None
    run_id: str | None
    lines: int
    set_apart: int
    repairs: tuple[str, ...]


def find_row(
    con: duckdb.DuckDBPyConnection, table: str, key: Sequence[str], given: Mapping[str, str]
) -> dict[str, Any]:
    """The one row of a published table with the given values of its key columns; `con` sees the published file.

    Raises EvidenceError when a column is no part of the key or the values name no row, or several.
    """
    if odd := [name for name in given if name not in key]:
        raise EvidenceError(f"{odd[0]} is no key column of {table}: give {' '.join(f'{name}=...' for name in key)}")
    where = " and ".join(f"{quoted(name)}::varchar = ?" for name in given) or "true"
    cursor = con.execute(f"from {quoted(table)} where {where} limit 2", list(given.values()))
    names = [column[0] for column in cursor.description or ()]
    rows = cursor.fetchall()
    said = " ".join(f"{name}={value}" for name, value in given.items()) or "no key given"
    if not rows:
        raise EvidenceError(f"{table} has no row with {said}")
    if len(rows) > 1:
        missing = [name for name in key if name not in given]
        raise EvidenceError(f"{table} has several rows with {said}: give {' '.join(f'{n}=...' for n in missing)} too")
    return dict(zip(names, rows[0], strict=True))


def deliveries_behind(
    con: duckdb.DuckDBPyConnection,
    entities: Mapping[str, Sequence[str]],
    rests_on: Mapping[str, Any],
    row: Mapping[str, Any],
) -> list[RestsOn]:
    """The deliveries that a published row rests on: what `rests_on` names first stands first, the newest of it ahead.
    `con` sees the working file.

    `entities`: the sources of the shop that bring each conformed entity.
    """
    con.execute(
        "create or replace temp table behind (delivery_id varchar, line_count bigint, set_apart bigint, part integer)"
    )
    if "arrived_on" in rests_on:
        con.execute(
            """insert into behind select delivery_id, 0, sum(row_count)::bigint, 0 from ledger.row_counts
            where arrival_date = ? and source = ? and table_name = ? group by delivery_id
            union all select delivery_id, 0, 0, 0 from ledger.deliveries
            where arrival_date = ? and source = ? and table_name = ? and state in ('refused', 'replaced')""",
            [row[rests_on["arrived_on"]], row["source_system"], row["table_name"]] * 2,
        )
    for number, part in enumerate((rests_on, *rests_on.get("also", ()))):
        if "lines" in part and part.get("of", "order_lines") in entities:
            _add_lines(con, entities, part, row, number)
    if day := row.get(rests_on.get("accounts_of", "")):
        con.execute(
            """insert into behind select delivery_id, 0, sum(row_count)::bigint, 0 from ledger.row_counts
            where coalesce(event_date, arrival_date) = ? and outcome <> 'accepted' group by delivery_id""",
            [day],
        )
    found = con.execute(
        """with counted as (
            -- A row of the file can stand behind rows of two entities (an order, and its line of postage).
            select delivery_id, max(line_count) as lines, sum(set_apart)::bigint as set_apart, min(part) as part
            from behind group by delivery_id
        ),
        repaired as (
            select delivery_id, list(distinct 'repair ' || repair_id || ' by ' || made_by) as repairs
            from ledger.repaired_rows join ledger.repairs using (repair_id)
            where kind = 'rows' and applied_batch_id is not null group by delivery_id
        )
        select d.delivery_id, d.source || '.' || d.table_name, d.file_name, d.file_sha256, d.arrival_date, d.state,
            d.contract_version, d.batch_id, b.run_id, lines, set_apart, list_sort(repairs)
        from counted join ledger.deliveries as d using (delivery_id)
            left join ledger.batches as b using (batch_id) left join repaired using (delivery_id)
        order by part, d.arrival_date desc, d.source, d.table_name, d.arrival_seq"""
    ).fetchall()
    con.execute("drop table temp.behind")
    return [RestsOn(*(*entry[:-1], tuple(entry[-1] or ()))) for entry in found]


@dataclass(frozen=True)
class LeftOut:
    """What belongs to a day or an order and is in none of its numbers: files of the day refused whole (table, file,
    reason), tables of which nothing of that day was let in for another reason (table, reason), and how many rows of
    that day, or that name the order, lie in quarantine; `came_right` more do whose right form has come since. `beside`:
    tables of which a file of the day was refused or is missing, and on which no number of the row rests."""

    files: tuple[tuple[str, str, str], ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    beside: tuple[str, ...] = ()
    rows: int = 0
    came_right: int = 0
    order: str | None = None


def left_out(
    con: duckdb.DuckDBPyConnection,
    contracts: Iterable[SourceContract],
    rests_on: Mapping[str, Any],
    row: Mapping[str, Any],
    reads: Collection[str] = (),
) -> LeftOut:
    """What is missing from a published row that tells of one day or one order; nothing for any other row.

    `reads`: the source tables (source.table) on which its numbers rest; none known counts as all.
    """
    column = rests_on.get("accounts_of") or rests_on.get("lines", {}).get("ordered_date")
    day = row.get(column) if column else None
    if day is None:
        order = row.get(rests_on.get("lines", {}).get("order_id", ""))
        if order is None:
            return LeftOut()
        named = "list_contains(json_extract_string(raw_payload, '$.*'), $value)"
        return LeftOut((), (), (), *_held(con, contracts, reads, named, order), order)
    # A later file for the same day, whatever its name, takes the place of one that was refused.
    files = con.execute(
        """select source || '.' || table_name, file_name, reason from ledger.deliveries as d
        where stands_for = ? and state = 'refused' and not exists (
            select 1 from ledger.deliveries as o
            where o.source = d.source and o.table_name = d.table_name and o.stands_for = d.stands_for
                and o.state = 'accepted' and o.arrival_date > d.arrival_date
        ) order by all""",
        [day],
    ).fetchall()
    missing = con.execute(
        """select source || '.' || table_name as name, verdict || ': ' || coalesce(reason, '') from ledger.verdicts
        where arrival_date = $day and verdict <> 'accepted' and not list_contains($told::varchar[], name) order by 1""",
        {"day": day, "told": [name for name, _, _ in files]},
    ).fetchall()
    names = [name for name, *_ in (*files, *missing)]
    return LeftOut(
        tuple(file for file in files if not reads or file[0] in reads),
        tuple((name, reason) for name, reason in missing if not reads or name in reads),
        tuple(sorted({name for name in names if reads and name not in reads})),
        *_held(con, contracts, reads, "event_date = $value", day),
    )


def _held(
    con: duckdb.DuckDBPyConnection,
    contracts: Iterable[SourceContract],
    reads: Collection[str],
    where: str,
    value: object,
) -> tuple[int, int]:
    """How many quarantined rows of the tables are still wrong, and how many came right since."""
    counted = con.execute(
        f"""select count(*), count(*) filter ((delivery_id, row_number) in ({right_since(con, contracts)}))
        from quality.quarantined_rows where state = 'quarantined' and {where}
            and (len($reads) = 0 or list_contains($reads, source || '.' || table_name))""",
        {"value": value, "reads": list(reads)},
    ).fetchone()
    held, right = counted or (0, 0)
    return held - right, right


def _add_lines(
    con: duckdb.DuckDBPyConnection,
    entities: Mapping[str, Sequence[str]],
    rests_on: Mapping[str, Any],
    row: Mapping[str, Any],
    part: int,
) -> None:
    entity = rests_on.get("of", "order_lines")
    tables = [quoted(f"cnf_{source}__{entity}") for source in entities[entity]]
    every = " union all by name ".join(f"from conformed.{table}" for table in tables)
    matches = [f"{quoted(column)} is not distinct from ?" for column in rests_on["lines"]]
    values = [row[own] for own in rests_on["lines"].values()]
    if until := rests_on.get("until"):
        matches.append("ordered_date <= ?")
        values.append(row[until])
    where = " and ".join(matches) or "true"
    if also := rests_on.get("history_of"):
        known = quoted(also)
        where = f"({where}) or {known} in (select {known} from every_line where {where})"
        values *= 2
    con.execute(
        f"""insert into behind with every_line as ({every})
        select delivery_id, count(*), 0, {part} from every_line
        where ({where}) and delivery_id is not null group by delivery_id""",
        values,
    )
