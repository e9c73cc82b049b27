"""The daily figures and the bridge, recomputed by pandas from the files that were delivered.

Nothing of the SQL is taken over: the rules are those of docs/decisions (what is a sale, whose is an order, on which day
a return counts), said once more.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from tests.domains.conftest import CLOSED, FIRST, LAST, MISSING, RealWeek

pytestmark = pytest.mark.slow

CODES = {"POST": "postage", "DOT": "postage", "C2": "postage", "D": "discount", "M": "manual", "S": "sample"}
CODES |= {"AMAZONFEE": "fee", "BANK CHARGES": "fee", "CRUK": "fee", "B": "bad_debt"}
COUNTS = ["n_orders", "n_cancellations", "n_buyers", "n_orders_without_customer", "units_sold", "units_returned"]
COUNTS += ["n_new_customers", "n_returning_customers", "n_unpaid_orders", "n_orders_without_rate"]
PARTS = ["gross_sales", "discount", "returns", "shipping", "other", "fee", "bad_debt"]


def lines(delivered: pd.DataFrame) -> pd.DataFrame:
    """The lines that stand: each once, with its money (pence of pence, whole numbers), kind and article."""
    found = delivered.drop_duplicates().copy()
    quantity = found["Quantity"].astype(int)
    price = found["UnitPrice"].map(lambda text: int(Decimal(text) * 10_000))
    marked = found["InvoiceNo"].str[0]
    conditions = [(marked == "A") | (price < 0), marked == "C", (price == 0) & (quantity < 0), price == 0, quantity < 0]
    kinds = ["bad_debt_adjustment", "cancellation", "write_off", "zero_price", "cancellation"]
    return found.assign(
        quantity=quantity,
        money=quantity * price,
        kind=np.select(conditions, kinds, "sale"),
        article=found["StockCode"].str.strip().str.upper().map(CODES).fillna("product"),
        customer=found["CustomerID"].str.strip().str.removesuffix(".0").replace("", None),
        at=pd.to_datetime(found["InvoiceDate"]),
    )


def orders(sold: pd.DataFrame) -> pd.DataFrame:
    """One row per invoice: its day, time, customer and kind, by what lies in it."""

    def kind(lines: pd.DataFrame) -> str:
        kinds = set(lines["kind"])
        if ((lines["kind"] == "sale") & (lines["article"] == "product")).any():
            return "sale"
        for name, order in (
            ("bad_debt_adjustment", "adjustment"),
            ("cancellation", "cancellation"),
            ("sale", "charge"),
        ):
            if name in kinds:
                return order
        return "write_off" if kinds == {"write_off"} else "zero_price"

    grouped = sold.groupby("InvoiceNo")
    found = grouped.agg(day=("day", "first"), at=("at", "min"), customer=("customer", "max"))
    return found.assign(kind=grouped[["kind", "article"]].apply(kind)).reset_index()


def money(sold: pd.DataFrame) -> pd.DataFrame:
    """The parts of a day's money, by day."""
    product = sold["article"] == "product"
    sale, back = sold["kind"] == "sale", sold["kind"] == "cancellation"
    of = {
        "gross_sales": sale & product,
        "returns": back & product,
        "discount": sold["article"] == "discount",
        "shipping": sold["article"] == "postage",
        "fee": sold["article"] == "fee",
        "bad_debt": sold["article"] == "bad_debt",
        "other": sold["article"].isin(["manual", "sample"]) | (product & ~sale & ~back),
    }
    return pd.DataFrame({part: sold[rows].groupby("day")["money"].sum() for part, rows in of.items()})


def figures(delivered: pd.DataFrame) -> pd.DataFrame:
    """Every counted and added column of rpt_sales_kpi_daily, by day of the calendar."""
    sold = lines(delivered)
    bought = orders(sold)
    sales = bought[bought["kind"] == "sale"]
    known = sales.dropna(subset="customer").sort_values(["at", "InvoiceNo"])
    firsts = known.drop_duplicates("customer").set_index("customer")["day"]
    buyers = known.drop_duplicates(["customer", "day"])
    new = buyers["day"] == buyers["customer"].map(firsts)
    product = sold[sold["article"] == "product"]
    columns = {
        "n_orders": sales.groupby("day").size(),
        "n_cancellations": bought[bought["kind"] == "cancellation"].groupby("day").size(),
        "n_buyers": known.groupby("day")["customer"].nunique(),
        "n_orders_without_customer": sales[sales["customer"].isna()].groupby("day").size(),
        "units_sold": product[product["kind"] == "sale"].groupby("day")["quantity"].sum(),
        "units_returned": -product[product["kind"] == "cancellation"].groupby("day")["quantity"].sum(),
        "n_new_customers": buyers[new].groupby("day").size(),
        "n_returning_customers": buyers[~new].groupby("day").size(),
        "n_unpaid_orders": pd.Series(dtype=int),
        "n_orders_without_rate": pd.Series(dtype=int),
        **money(sold),
    }
    net_sold = sold[(sold["article"] == "discount") | ((sold["article"] == "product") & (sold["kind"] != "zero_price"))]
    owner = net_sold["InvoiceNo"].map(bought.set_index("InvoiceNo")["customer"])
    columns["identified_net_sales"] = net_sold[owner.notna()].groupby("day")["money"].sum()
    calendar = [FIRST + dt.timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    found = pd.DataFrame(columns).reindex(calendar).fillna(0).astype("int64")
    found["gmv"] = found["gross_sales"]
    found["net_sales"] = found["gross_sales"] + found["discount"] + found["returns"]
    found["net_revenue"] = found["net_sales"] + found["shipping"] + found["other"]
    found["total"] = found["net_revenue"] + found["fee"] + found["bad_debt"]
    return found


def test_every_day_has_its_figures(real_week: RealWeek) -> None:
    published = real_week.table("rpt_sales_kpi_daily", "calendar_date").set_index("calendar_date")
    wanted = figures(real_week.delivered[~real_week.held])
    assert (wanted[["n_cancellations", "fee", "bad_debt", "other", "shipping", "discount"]] != 0).any().all()
    assert list(published.index)[: len(wanted)] == list(wanted.index)
    published = published.loc[wanted.index]
    for column in COUNTS:
        assert published[column].astype(int).to_dict() == wanted[column].to_dict(), column
    for part in (*PARTS, "gmv", "net_sales", "net_revenue", "total", "identified_net_sales"):
        found = published[f"{part}_amount"].map(lambda amount: int(amount * 10_000)).to_dict()
        assert found == wanted[part].to_dict(), part


def test_ratios_are_those_of_the_sums_and_none_without_orders(real_week: RealWeek) -> None:
    published = real_week.table("rpt_sales_kpi_daily", "calendar_date").set_index("calendar_date")
    wanted = figures(real_week.delivered[~real_week.held])
    for column, over, under in (
        ("aov_amount", wanted["net_sales"] / 10_000, wanted["n_orders"]),
        ("arppu_amount", wanted["identified_net_sales"] / 10_000, wanted["n_buyers"]),
        ("units_per_order", wanted["units_sold"], wanted["n_orders"]),
        ("average_selling_price_amount", wanted["gross_sales"] / 10_000, wanted["units_sold"]),
    ):
        for day in wanted.index:
            found = published.loc[day, column]
            if not under[day]:
                assert pd.isna(found), (column, day)
            else:
                assert float(found) == pytest.approx(over[day] / under[day], abs=0.00006), (column, day)


def test_a_day_is_called_what_became_of_its_file(real_week: RealWeek) -> None:
    published = real_week.table("rpt_sales_kpi_daily", "calendar_date").set_index("calendar_date")["day_state"]
    days = {FIRST + dt.timedelta(days=n) for n in range((LAST - FIRST).days + 1)} - {CLOSED, MISSING}
    assert (published[CLOSED], published[MISSING]) == ("closed", "missing")
    assert {published[day] for day in days} == {"complete"}


def test_the_bridge_leads_from_what_was_sold_to_all_that_was_delivered(real_week: RealWeek) -> None:
    published = real_week.table("rpt_sales_revenue_bridge", "calendar_date, part_no")
    published["money"] = published["amount"].map(lambda amount: int(amount * 10_000))
    found = published[published["money"] != 0].set_index(["calendar_date", "part"])["money"].to_dict()
    parts = figures(real_week.delivered[~real_week.held])[PARTS]
    wanted = {(day, part): value for part in PARTS for day, value in parts[part].items() if value}
    rows = real_week.delivered
    each = rows["Quantity"].astype(int) * rows["UnitPrice"].map(lambda text: int(Decimal(text) * 10_000))
    for part, which in (("duplicate", rows.duplicated() & ~real_week.held), ("quarantined", real_week.held)):
        left_out = each[which].groupby(rows["day"]).sum()
        wanted |= {(day, part): value for day, value in left_out.items() if value}
    assert found == wanted
    assert published.groupby("calendar_date")["money"].sum().to_dict() == each.groupby(rows["day"]).sum().to_dict()
