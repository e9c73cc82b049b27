"""Landing rows for the gate without the loader: text columns and the delivery's address; a copy of the project whose
generated files stand as they follow."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from pipelines.contracts import SourceContract, load_source_contract
from pipelines.contracts.contract import DELIVERY_COLUMNS
from pipelines.contracts.expression import quoted
from pipelines.contracts.generated import write_generated

PROJECT = Path(__file__).resolve().parents[2]
CONTRACT = PROJECT / "data_contracts" / "sources" / "online_retail" / "transactions.odcs.yaml"
DAY = dt.date(2011, 3, 7)
GOOD = {
    "InvoiceNo": "545999",
    "StockCode": "22171",
    "Description": "HOOK",
    "Quantity": "4",
    "InvoiceDate": "2011-03-07 08:30:00",
    "UnitPrice": "8.5",
    "CustomerID": "16638.0",
    "Country": "United Kingdom",
}


@pytest.fixture(scope="session")
def contract() -> SourceContract:
    return load_source_contract(CONTRACT)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        yield connection


def land(
    con: duckdb.DuckDBPyConnection,
    contract: SourceContract,
    rows: list[dict[str, Any]],
    table: str = "landed",
) -> None:
    """Make the landed table. A row is a dict of texts; `_day`, `_delivery` and `_line` place it (defaults: one day)."""
    columns = [*((name, "VARCHAR") for name in contract.column_names), *DELIVERY_COLUMNS]
    con.execute(f"create or replace temp table {table} ({', '.join(f'{quoted(n)} {t}' for n, t in columns)})")
    values = []
    for number, row in enumerate(rows, 1):
        day = row.get("_day", DAY)
        texts = [row.get(name) for name in contract.column_names]
        values.append([*texts, row.get("_delivery", f"d/{day}/1"), day, 1, row.get("_line", number)])
    if values:
        frame = pd.DataFrame(values, columns=[name for name, _ in columns], dtype=object)  # one insert: far faster
        con.register("landing", frame)
        con.execute(f"insert into {table} select * from landing")
        con.unregister("landing")


def land_files(con: duckdb.DuckDBPyConnection, contract: SourceContract, pattern: str) -> None:
    """Land whole files whose names hold the arrival day; one line per row."""
    columns = ", ".join(f"'{name}': 'VARCHAR'" for name in contract.column_names)
    con.execute(
        "create or replace temp table landed as select * exclude (filename), parse_filename(filename) as _delivery_id, "
        r"cast(regexp_extract(filename, '\d{4}-\d\d-\d\d') as date) as _arrival_date, "
        "cast(1 as integer) as _arrival_seq, "
        "row_number() over (partition by filename) as _row_number "
        "from read_csv(?, auto_detect = false, delim = ',', quote = '\"', escape = '\"', header = true, "
        f"columns = {{{columns}}}, filename = true, parallel = false)",
        [pattern],
    )


@pytest.fixture
def judge(con: duckdb.DuckDBPyConnection, contract: SourceContract) -> Callable[..., list[tuple[str, list[str]]]]:
    """Land rows (changes to GOOD) and return (outcome, reasons) per row, day rules left out of account."""
    import dataclasses

    from pipelines.contracts import run_gate

    def run(changes: list[dict[str, Any]], *, identical_lines: str = "duplicate", verify: bool = False) -> Any:
        without_days = dataclasses.replace(contract, day_rules=())
        land(con, contract, [GOOD | change for change in changes])
        run_gate(
            con,
            without_days,
            landed="landed",
            time_zone="Europe/London",
            identical_lines=identical_lines,
            verify=verify,
        )
        return con.execute("select _outcome, _reasons from gate_rows order by _arrival_date, _row_number").fetchall()

    return run


@pytest.fixture(scope="session")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project's contracts and models, whose generated files stand as they follow; left as it is found."""
    place = tmp_path_factory.mktemp("standing")
    for part in ("data_contracts", "dbt_project/models", "dbt_project/macros", "docs/data_dictionary"):
        shutil.copytree(PROJECT / part, place / part)
    assert write_generated(place) == ([], [])
    return place


@pytest.fixture
def project(tmp_path: Path, standing: Path) -> Path:
    """The same, to be changed."""
    return shutil.copytree(standing, tmp_path, dirs_exist_ok=True)


def change(project: Path, name: str, old: str, new: str) -> None:
    path = project / name
    text = path.read_text()
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
    path.write_text(text.replace(old, new))
