"""What the toy's published tables must hold, told from the files alone, in pandas: no SQL and nothing of the pipeline.

Belongs here: the definitions of `project/` and of the engine, written once more from their words. Does not belong here:
how a run gets there. Of each file name and day the last readable content counts; a day of more rows than the contract
admits counts not at all; of equal rows of a file the first; of the versions of a row the newest.
"""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from tests.engine.sales.statements import DAYS as PACE_DAYS
from tests.engine.toy import COLUMNS, Place, Toy

ZONE, FIRST, MOST_SALES = "Europe/Berlin", dt.date(2024, 3, 7), 30
LINE_COLUMNS = ("order_id", "line_no", "ordered_at", "product_id", "quantity", "unit_price")
NUMBERS = {"line_no": r"\d+", "quantity": r"-?\d+", "unit_price": r"\d+(\.\d+)?"}
IDS = {"sale_id": r"S\d{3}", "order_id": r"W\d{3}"}
Tables = dict[str, list[tuple[Any, ...]]]


def read(table: str, content: bytes) -> pd.DataFrame | None:
    """The rows of a file as text, None where its columns are not the contract's."""
    wanted = list(COLUMNS.get(table, LINE_COLUMNS))
    if table in COLUMNS:
        frame = pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False)
    else:
        try:
            frame = pd.DataFrame([json.loads(row) for row in content.splitlines()], columns=wanted).astype(str)
        except ValueError:
            return None
    return frame if list(frame.columns) == wanted else None


def accepted(
    delivered: Mapping[Place, Sequence[bytes]], table: str, days: set[dt.date], *, broken_too: bool = False
) -> pd.DataFrame:
    """The rows of the table that nothing speaks against in themselves, with the day of their arrival and their own;
    `broken_too`: all that were read."""
    frames = []
    for (name, day, _), contents in sorted(delivered.items()):
        readable = [frame for content in contents if (frame := read(name, content)) is not None]
        if name == table and day in days and readable:
            frames.append(readable[-1].assign(arrival=day).drop_duplicates())
            frames[-1].attrs["rows"] = len(readable[-1])
    sizes: dict[dt.date, int] = {}
    for frame in frames:
        if len(frame):
            sizes[frame.arrival.iloc[0]] = sizes.get(frame.arrival.iloc[0], 0) + frame.attrs["rows"]
    columns = [*COLUMNS.get(table, LINE_COLUMNS), "arrival"]
    rows = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
    if table == "till.sales":
        rows = rows[rows.arrival.isin([day for day, size in sizes.items() if size <= MOST_SALES])]
    for column, pattern in {**NUMBERS, **IDS}.items():
        if column in rows and not broken_too:
            rows = rows[rows[column].str.fullmatch(pattern)]
    moment = pd.to_datetime(rows["sold_at" if table == "till.sales" else "ordered_at"])
    rows = rows.assign(own_day=moment.dt.date, at=moment.dt.tz_localize(ZONE).dt.tz_convert("UTC").dt.tz_localize(None))
    return rows if broken_too else rows[rows.own_day >= FIRST]


def standing(rows: pd.DataFrame, key: list[str], document: str) -> pd.DataFrame:
    """The newest version of each row, with the day of its document: the earliest of its rows that stand."""
    order = [name for name in ("updated_at", "arrival") if name in rows]
    newest = rows.sort_values(order, kind="stable").drop_duplicates(key, keep="last")
    return newest.assign(ordered_date=newest.groupby(document).own_day.transform("min"))


def order_lines(delivered: Mapping[Place, Sequence[bytes]], days: set[dt.date]) -> pd.DataFrame:
    """All order lines of the shop."""
    sales = standing(accepted(delivered, "till.sales", days), ["sale_id", "line_no"], "sale_id")
    till = sales.rename(columns={"sale_id": "order_id"}).assign(source_system="till", is_cancelled=False)
    orders = accepted(delivered, "web.orders", days)
    lines = accepted(delivered, "web.lines", days)
    lines = standing(lines[lines.order_id.isin(orders.order_id)], ["order_id", "line_no"], "order_id")
    newest = standing(orders, ["order_id"], "order_id")[["order_id", "customer_id", "status"]]
    web = lines.merge(newest, on="order_id").assign(source_system="web", is_cancelled=lambda f: f.status == "cancelled")
    both = pd.concat([till, web], ignore_index=True)
    return both.assign(
        order_line_id=both.order_id + "/" + both.line_no.astype(str),
        quantity=[int(number) for number in both.quantity],
        line_amount=[int(units) * Decimal(price) for units, price in zip(both.quantity, both.unit_price, strict=True)],
    )


def expected(
    delivered: Mapping[Place, Sequence[bytes]], days: set[dt.date], is_open: Callable[[dt.date], bool]
) -> Tables:
    """The rows of every published table after runs over the arrival days, the last of them the newest."""
    lines = order_lines(delivered, days)
    sold = lines[~lines.is_cancelled.astype(bool)]
    orders = sold.groupby("order_id").agg(
        customer_id=("customer_id", "first"), ordered_date=("ordered_date", "min"), ordered_at=("at", "min")
    )
    orders = orders.reset_index().sort_values(["customer_id", "ordered_at", "order_id"])
    orders = orders.assign(order_seq_no=orders.groupby("customer_id").cumcount() + 1)
    customers = orders.groupby("customer_id").agg(first=("ordered_date", "min"), n=("order_id", "size")).reset_index()
    facts = ["order_line_id", "order_id", "source_system", "customer_id", "product_id", "at", "ordered_date"]
    tables = {
        "fct_order_lines": lines[[*facts, "is_cancelled", "quantity", "line_amount"]],
        "fct_orders_lifecycle": orders[["order_id", "customer_id", "ordered_date", "order_seq_no"]],
        "dim_customers": customers,
        "rpt_sales_revenue_weekly": _weekly(sold, _calendar_end(delivered, days, is_open)),
        "rpt_sales_pace": _pace(sold, _watermark(delivered, days)),
    }
    return {name: sorted(_plain(frame)) for name, frame in tables.items()}


def _weekly(sold: pd.DataFrame, end: dt.date) -> pd.DataFrame:
    days = [FIRST + dt.timedelta(days=number) for number in range((end - FIRST).days + 1)]
    rows = []
    for sunday in (day for day in days if day.isoweekday() == 7):
        so_far = sold[sold.ordered_date <= sunday]
        rows.append((sunday, so_far.customer_id.nunique(), sum(so_far.line_amount, Decimal(0))))
    return pd.DataFrame(rows)


def _calendar_end(
    delivered: Mapping[Place, Sequence[bytes]], days: set[dt.date], is_open: Callable[[dt.date], bool]
) -> dt.date:
    """The newest day on which a file came, and the closed days that follow it."""
    end = max(day for _, day, _ in delivered if day in days)
    while not is_open(end + dt.timedelta(days=1)):
        end += dt.timedelta(days=1)
    return end


def _watermark(delivered: Mapping[Place, Sequence[bytes]], days: set[dt.date]) -> dt.date:
    """The newest day of which a file could be read and was not blocked."""
    return max(
        day
        for table, day, _ in delivered
        if day in days and (accepted(delivered, table, {day}, broken_too=True).arrival == day).any()
    )


def _pace(sold: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    recent = sold[(sold.ordered_date <= as_of) & (sold.ordered_date > as_of - dt.timedelta(days=PACE_DAYS))]
    units = recent.groupby("product_id").quantity.sum()
    return pd.DataFrame([(as_of, product, int(total) / PACE_DAYS) for product, total in units.items()])


def _plain(frame: pd.DataFrame) -> list[tuple[Any, ...]]:
    return [tuple(getattr(v, "to_pydatetime", lambda v=v: v)() for v in row) for row in frame.itertuples(index=False)]


LEFT_OUT = {"fct_order_lines": "batch_id", "rpt_sales_pace": "model_version"}


def published(toy: Toy) -> Tables:
    """The rows of every published table, without the columns that name a run or a method."""
    found = {}
    for name in toy.manifest["tables"]:
        left_out = f"exclude ({LEFT_OUT[name]})" if name in LEFT_OUT else ""
        found[name] = sorted(toy.query(f"select * {left_out} from {name}"))
    return found


def differences(toy: Toy, days: Sequence[dt.date] | None = None) -> list[str]:
    """Where the published version is not what the files that arrived (on the given days) tell."""
    seen = set(days) if days is not None else {day for _, day, _ in toy.delivered}
    wanted, found = expected(toy.delivered, seen, toy.settings.shop.calendar.is_open), published(toy)
    told = [f"{name} is published and not told" for name in {*found} - {*wanted}]
    for name, rows in wanted.items():
        told += [f"{name} lacks {row}" for row in rows if row not in found[name]]
        told += [f"{name} has {row}" for row in found[name] if row not in rows]
        told += [f"{name} has {len(found[name])} rows, not {len(rows)}"] if len(found[name]) != len(rows) else []
    return told
