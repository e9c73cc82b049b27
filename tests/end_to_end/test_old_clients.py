"""The published file opens in the DuckDB versions that BI tools still ship, with the same rows, sums and comments.

Measured with 1.0.0, 1.4.5 and 1.5.6 on files of storage version 1.0.0: all read TIMESTAMP WITH TIME ZONE, HUGEINT,
DECIMAL(38, x), ENUM, UUID, BLOB, lists, structs, maps and arrays. One column of type BIGNUM, TIME_NS or
TIMESTAMPTZ_NS keeps 1.0.0 from opening the file AT ALL; VARIANT cannot be written to it. Publication refuses these.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path

import duckdb
import pytest

from pipelines.store.published.publication import PublishedTable, publish
from tests.end_to_end.old_clients import VERSIONS, Unavailable, figures, old_python
from tests.needs import unmet

pytestmark = pytest.mark.slow

COLUMNS = {
    "order_id": "i::varchar",
    "amount": "(i * 1.25)::decimal(18, 4)",
    "total": "(i * 1.25)::decimal(38, 4)",
    "orders": "i::hugeint",
    "quantity": "(i % 7)::integer",
    "share": "i / 8",
    "is_new": "i % 2 = 0",
    "day": "date '2011-01-01' + (i % 365)::integer",
    "ordered_at": "timestamp '2011-01-01' + interval (i) second",
    "seen_at": "timestamptz '2011-01-01 00:00:00+00' + interval (i) second",
    "channel": "(case when i % 2 = 0 then 'web' else 'shop' end)::enum('shop', 'web')",
    "tags": "[i::varchar, null]",
    "pair": "{'a': i, 'b': [i]}",
    "nothing": "null::integer",
}


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    with duckdb.connect(str(folder / "warehouse.duckdb")) as con:
        con.execute("set TimeZone = 'UTC'; create schema core")
        select = ", ".join(f"{expression} as {name}" for name, expression in COLUMNS.items())
        con.execute(f"create table core.fct_orders as select {select} from range(20_000) as r(i)")
        con.execute("create view core.rpt_days as select day, sum(amount) as amount from core.fct_orders group by day")
        tables = [
            PublishedTable("core", "fct_orders", ("order_id",), "d", {name: f"The {name}." for name in COLUMNS}),
            PublishedTable("core", "rpt_days", ("day",), "d", {"day": "The day.", "amount": "It's money."}),
        ]
        publish(con, published_dir=folder / "published", tables=tables, watermark=dt.date(2011, 12, 9),
                quality_state="complete", facts={})  # fmt: skip
    return folder / "published" / "current"


@pytest.fixture(params=VERSIONS)
def interpreter(request) -> Path:
    """An interpreter with one old DuckDB, kept between test runs."""
    try:
        return old_python(request.param, Path(request.config.cache.mkdir("old-clients")))
    except Unavailable as error:
        unmet(f"needs an old DuckDB: {error}")


def test_an_old_client_reads_the_same(published, interpreter):
    manifest = json.loads((published / "manifest.json").read_text())
    old, ours = figures(interpreter, published / "marts.duckdb"), figures(sys.executable, published / "marts.duckdb")
    assert old["version"] < ours["version"]
    assert {name: table["rows"] for name, table in old["tables"].items()} == {
        name: table["rows"] for name, table in manifest["tables"].items()
    }
    assert old["tables"] == ours["tables"]
    assert old["tables"]["rpt_days"]["columns"]["amount"][1] == "It's money."
