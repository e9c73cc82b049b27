"""explain names every delivery that a published row rests on: a home with just these has the same row."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from pathlib import Path

import duckdb
import pytest

from pipelines.defs.manifest import held_manifest
from pipelines.settings.environment import load_settings
from pipelines.store import ledger
from pipelines.store.published import evidence
from pipelines.store.published.digest import AUDIT_COLUMNS
from pipelines.store.published.lineage import published_tables
from tests import homes
from tests.command_line import Said, deliver, in_child
from tests.house import retail
from tests.house.retail import BROKEN_AT, DAYS, LATE_INVOICE
from tests.shop_under_test import real_rows

pytestmark = pytest.mark.slow

# Of the fourth day one line is quarantined, and one came late with a time on the third; an invoice of the first came
# with the last.
DAY = DAYS[3]


def explained(folder: Path, *arguments: str) -> Said:
    return in_child(folder, "explain", *arguments, "--home", "home")


@pytest.fixture(scope="module")
def folder() -> Path:
    return homes.made(retail.restless)


def drops(folder: Path) -> Path:
    return folder / "home" / "drops" / "online_retail" / "transactions"


def delivered(folder: Path) -> list[tuple[str, str]]:
    """(arrival day, name) of every file that came."""
    return [(file.parent.name, file.name) for file in drops(folder).glob("*/*")]


def row(folder: Path, home: str, table: str, where: str) -> list[tuple[object, ...]]:
    file = folder / home / "published" / "current" / "marts.duckdb"
    with duckdb.connect(str(file), read_only=True) as con:
        audit = ", ".join(name for name in AUDIT_COLUMNS if name in _columns(con, table))
        return con.execute(f"select * {f'exclude ({audit})' if audit else ''} from {table} where {where}").fetchall()


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    return [column[0] for column in con.execute(f"from {table} limit 0").description or ()]


@pytest.mark.slow
def test_a_home_with_just_the_named_files_has_the_same_row(folder: Path, tmp_path: Path) -> None:
    said = explained(folder, "fct_orders", f"order_id={LATE_INVOICE}")
    assert (said.code, said.err) == (0, "")
    files = re.findall(r"online_retail\.transactions  (\S+)  (\S+)  sha256", said.out)
    assert files == [(f"{DAYS[4]}", "late.csv")]

    broken = real_rows(DAY)[BROKEN_AT][0]
    said = explained(folder, "fct_orders", f"order_id={broken}")
    assert f"not in it: 1 row naming {broken} in quarantine (almanac quarantine list)" in said.out
    said = explained(folder, "rpt_sales_kpi_daily", f"calendar_date={DAY}")
    files = re.findall(r"online_retail\.transactions  (\S+)  (\S+)  sha256", said.out)
    assert {(f"{DAY}", "day.csv"), (f"{DAYS[4]}", "late.csv")} <= {*files} < {*delivered(folder)}
    assert "not in it: 1 row of that day in quarantine" in said.out
    for day, name in files:
        deliver(tmp_path / "named", day, (drops(folder) / day / name).read_bytes(), name)
    shutil.copytree(folder / "shops", tmp_path / "shops")
    done = in_child(tmp_path, "backfill", "--from", f"{DAYS[0]}", "--to", f"{DAYS[4]}", "--home", "named")
    assert done.code in (0, 3), done.err
    for table, where in (
        ("rpt_sales_kpi_daily", f"calendar_date = '{DAY}'"),
        ("fct_orders", f"order_id = '{LATE_INVOICE}'"),
        ("fct_orders_lifecycle", f"order_id = '{LATE_INVOICE}'"),
    ):
        found = row(tmp_path, "named", table, where)
        assert len(found) == 1, table
        assert found == row(folder, "home", table, where), table


def test_a_refused_file_is_missing_until_another_one_comes_for_its_day() -> None:
    with duckdb.connect() as con:
        ledger.create_tables(con)

        def arrives(seq: int, state: str, name: str, day: dt.date = DAYS[2]) -> None:
            con.execute(
                """insert into ledger.deliveries by name select 'x' as source, 'y' as table_name, ? as file_name,
                ? as arrival_date, ? as arrival_seq, ? as stands_for, ? as state, 'header: no z' as reason""",
                [name, day, seq, DAY, state],
            )

        def missing() -> list[str]:
            return [name for _, name, _ in evidence.left_out(con, [], {"accounts_of": "day"}, {"day": DAY}).files]

        arrives(1, "accepted", "part1.csv")
        arrives(2, "refused", "part2.csv")
        assert missing() == ["part2.csv"]
        arrives(3, "accepted", "part3.csv")  # another part of the same day is no better form of the refused one
        assert missing() == ["part2.csv"]
        arrives(1, "accepted", f"corrected-{DAY}.csv", DAYS[3])
        assert missing() == []
        of_an_order = {"lines": {"order_id": "order_id"}}
        assert evidence.left_out(con, [], of_an_order, {"order_id": "1"}) == evidence.LeftOut(order="1")
        assert evidence.left_out(con, [], {"lines": {"customer_id": "id"}}, {"id": "1"}) == evidence.LeftOut()
        for table, day, verdict in (("w", DAY, "missing"), ("v", DAY, "accepted"), ("u", DAYS[2], "missing")):
            con.execute(
                "insert into ledger.verdicts by name "
                "select 'x' as source, ? as table_name, ? as arrival_date, ? as verdict, 'no file' as reason",
                [table, day, verdict],
            )
        assert evidence.left_out(con, [], {"accounts_of": "day"}, {"day": DAY}).missing == (
            ("x.w", "missing: no file"),
        )
        # A table on which the row does not rest is told apart.
        arrives(4, "refused", "part4.csv", DAYS[3])
        for reads, files, missing_tables, beside in (
            ({"x.y"}, 1, (), ("x.w",)),
            ({"x.w"}, 0, (("x.w", "missing: no file"),), ("x.y",)),
            ({"x.w", "x.y"}, 1, (("x.w", "missing: no file"),), ()),
        ):
            out = evidence.left_out(con, [], {"accounts_of": "day"}, {"day": DAY}, reads)
            assert (len(out.files), out.missing, out.beside) == (files, missing_tables, beside)


@pytest.mark.slow
def test_quality_tables_rest_on_what_arrived_and_statements_on_all_until_then(folder: Path) -> None:
    said = explained(
        folder,
        "rpt_quality_rows_daily",
        "source_system=online_retail",
        "table_name=transactions",
        f"arrival_date={DAY}",
    )
    assert re.findall(r"  (\S+)  sha256", said.out) == ["day.csv"]
    said = explained(folder, "rpt_sales_revenue_bridge", f"calendar_date={DAY}", "part_no=1")
    assert "rows counted in the accounts" in said.out
    said = explained(folder, "dim_dates", f"calendar_date={DAY}")
    assert "rests on the calendar of online_retail.yaml" in said.out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["nosuch", "a=1"], "'nosuch' is no published table"),
        (["fct_orders"], "fct_orders has several rows with no key given: give order_id=... too"),
        (["fct_orders", "order_id"], "'order_id' is no COLUMN=VALUE"),
        (["fct_orders", "country=France"], "country is no key column of fct_orders"),
        (["fct_orders", "order_id=x' or '1'='1"], "has no row with order_id=x' or '1'='1"),
    ],
)
def test_mistakes_are_one_line(folder: Path, arguments: list[str], expected: str) -> None:
    done = explained(folder, *arguments)
    assert (done.code, expected in done.line) == (2, True)


@pytest.mark.parametrize("shop", ["online_retail", "simulated"])
def test_every_published_table_says_what_it_rests_on(tmp_path: Path, shop: str) -> None:
    settings = load_settings(shop, tmp_path, environment={})
    manifest = held_manifest(settings).content
    for table in published_tables(manifest):
        rests_on = table.rests_on
        assert {"lines", "arrived_on", "calendar"} & {*rests_on}, table.name
        known = {"lines", "of", "also", "until", "dated_by", "history_of", "accounts_of", "arrived_on", "calendar"}
        assert {*rests_on} <= known, table.name
        own = [rests_on.get(name) for name in ("until", "accounts_of", "arrived_on")]
        assert {*filter(None, own), *rests_on.get("lines", {}).values()} <= {*table.columns}, table.name
        for part in (rests_on, *rests_on.get("also", ())):
            assert {*part.get("lines", {}).values()} <= {*table.columns}, table.name
            entity = part.get("of", "order_lines")
            for source in settings.conformed_entities.get(entity, []):
                columns = manifest["nodes"][f"model.almanac.cnf_{source}__{entity}"]["columns"]
                named = {*part.get("lines", {}), *filter(None, [part.get("history_of"), part.get("dated_by")])}
                assert {*named, "delivery_id"} <= {*columns}, table.name
        assert bool(table.reads) == ("lines" in rests_on), table.name
        assert {*table.reads} <= {f"{source}.{name}" for source, name, _ in settings.shop.raw_tables()}, table.name
        if "ordered_date" in rests_on.get("lines", {}) and shop == "simulated":
            sold = {"storefront.orders", "storefront.order_lines", "storefront.refunds", "storefront.fx_rates"}
            costs = {"storefront.payments", "warehouse.shipments"} if "margin" in table.name else set()
            assert {*table.reads} == sold | costs, table.name
