"""A second reading of the drops, in plain Python and without the key: which rows stand, and what became of the others.

It knows the documented form of the files (headers, ids, currencies) and nothing of what was planted.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from simulator.system import Table
from simulator.systems import chosen_systems, tables_of

Row = dict[str, Any]
# The two systems whose files it knows how to read.
TABLES = tables_of(chosen_systems(["storefront", "warehouse"]))
BY_NAME = {table.name: table for table in TABLES}
IDS = {
    "customer_id": r"C\d{7}",
    "order_id": r"O\d{10}",
    "payment_id": r"PAY\d{10}",
    "refund_id": r"R\d{10}",
    "movement_id": r"M\d{12}",
    "shipment_id": r"S\d{10}",
    "promotion_id": r"PROMO\d{4}",
    "sku": r"SKU\d{5}",
}
NUMBERS = {
    "quantity", "unit_list_price", "discount_amount", "unit_cost", "list_price", "sale_price", "amount", "fee_amount",
    "goods_amount", "shipping_fee", "total_amount", "line_no", "rate",
}  # fmt: skip
MOMENTS = {"updated_at", "ordered_at", "paid_at", "refunded_at", "registered_at"}
BROKEN = re.compile("[\ufffd\x80-\x9f]")
NOT_YET = "9999"
ZONE = dt.timedelta(hours=8)


@dataclass
class Reading:
    """standing: current rows per table by key. outcomes: (table, arrival, file, row number) -> (outcome, reason).
    refused: (table, arrival, file) -> reason. arrived: first arrival day of each parent id. came: days on which
    right rows and their parents were there, per table and key as text."""

    standing: dict[str, dict[tuple[Any, ...], Row]] = field(default_factory=dict)
    outcomes: dict[tuple[str, str, str, int], tuple[str, str | None]] = field(default_factory=dict)
    refused: dict[tuple[str, str, str], str] = field(default_factory=dict)
    arrived: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    came: dict[str, dict[str, set[str]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(set)))


def read_drops(drops: Path) -> Reading:
    """Read every file once, in the order of arrival; parents before children."""
    reading = Reading()
    for table in TABLES:
        standing: dict[tuple[Any, ...], Row] = {}
        for day in sorted((drops / table.system / table.name).iterdir()):
            for file in sorted(day.iterdir()):
                place = (table.name, day.name, file.name)
                rows = _csv_rows(file, table) if table.suffix == "csv" else _parquet_rows(file, table)
                if isinstance(rows, str):
                    reading.refused[place] = rows
                    continue
                _judge(reading, table, place, rows, standing)
        reading.standing[table.name] = standing
    return reading


def _csv_rows(file: Path, table: Table) -> list[Row] | str:
    lines = list(csv.reader(io.StringIO(file.read_bytes().decode()), strict=True))
    if tuple(lines[0]) != table.columns:
        return "header"
    if any(len(line) != len(table.columns) for line in lines):
        return "records"
    return [dict(zip(table.columns, line, strict=True)) for line in lines[1:]]


def _parquet_rows(file: Path, table: Table) -> list[Row] | str:
    try:
        content = pq.read_table(file, partitioning=None)
    except pa.ArrowInvalid:
        return "parquet"
    return "header" if tuple(content.column_names) != table.columns else content.to_pylist()


def _judge(reading: Reading, table: Table, place: tuple[str, str, str], rows: list[Row], standing: Any) -> None:
    seen: dict[tuple[Any, ...], int] = {}
    day = place[1]
    for number, text in enumerate(rows, start=1):
        where = (*place, number)
        identity = tuple(text.values())
        if identity in seen:
            reading.outcomes[where] = ("duplicate", None)
            continue
        seen[identity] = number
        row, reason = _typed(text, table, day)
        if reason:
            reading.outcomes[where] = ("quarantined", reason)
            continue
        parent = table.parent
        there = reading.arrived[parent[1]].get(row[parent[0]], NOT_YET) if parent else day
        waits = f"{parent[0]}:waiting_for_parent" if parent and there > day else None
        reading.outcomes[where] = ("held", waits) if waits else ("accepted", None)
        first = reading.arrived[table.name]
        first[row[table.key[0]]] = min(first.get(row[table.key[0]], NOT_YET), day)
        key = tuple(row[column] for column in table.key)
        if max(day, there) < NOT_YET:
            reading.came[table.name]["|".join(map(str, key))].add(max(day, there))
        older = standing.get(key)
        versioned = "updated_at" in table.columns and "updated_at" not in table.key
        if older is None or not versioned or older["updated_at"] <= row["updated_at"]:
            standing[key] = row


def _typed(text: Row, table: Table, day: str) -> tuple[Row, str | None]:
    row = dict(text)
    for column, value in text.items():
        if column in table.key and value in ("", None):
            return row, f"{column}:required"
        try:
            if table.suffix == "csv" and value:
                row[column] = _cell(column, value)
        except (ValueError, InvalidOperation):
            return row, f"{column}:type"
        if column in IDS and value and not re.fullmatch(IDS[column], value):
            raise AssertionError(f"{table.name}.{column}: {value} is no id")
        if isinstance(value, str) and BROKEN.search(value):
            return row, f"{column}:characters"
    if "quantity" in row and table.name != "movements" and row["quantity"] < 1:
        return row, "quantity:minimum"
    if row.get("currency", "CNY") not in ("CNY", "USD"):
        return row, "currency:pattern"
    event = event_date(row, table)
    return row, "row:event_after_arrival" if event > dt.date.fromisoformat(day) else None


def _cell(column: str, value: str) -> Any:
    if column in NUMBERS:
        return Decimal(value)
    if column in MOMENTS:
        return dt.datetime.strptime(value, "%Y-%m-%d %H:%M:%S")
    return value


def event_date(row: Row, table: Table) -> dt.date:
    """The day, in the shop's zone, on which a row's event lies."""
    value = row[table.event]
    if isinstance(value, str):
        return dt.date.fromisoformat(value)
    if isinstance(value, dt.datetime):
        return (value + (ZONE if table.suffix == "parquet" else dt.timedelta())).date()
    return value


def rows_of(reading: Reading, table: str) -> list[Row]:
    """The rows of a table that stand, in the order in which their keys first came."""
    assert table in BY_NAME
    return list(reading.standing[table].values())
