"""Single changes of a delivered table's contract, each with the class that it must get.

The classes are written down here by hand, from the agreement's point of view: who could rely on what before, and cannot
any more. They are not computed from the rules under test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.contracts.contract_states import (
    SOURCE,
    column,
    columns,
    custom,
    drop,
    options,
    rule,
    table,
)

Mutation = Callable[[dict[str, Any]], Any]


def text(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "logicalType": "string",
        "physicalType": "VARCHAR",
        "description": f"What {name} holds.",
        "logicalTypeOptions": {"maxLength": 20},
        "customProperties": [{"property": "personalData", "value": "none"}],
    }


def row_rule(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "type": "sql",
        "query": "select count(*) from ${object} where Quantity > 5",
        "mustBe": 0,
        "dimension": "accuracy",
        "severity": "error",
        "description": "Too many.",
        "customProperties": [{"property": "grain", "value": "row"}],
    }


def swap(items: list[Any], one: int, other: int) -> None:
    items[one], items[other] = items[other], items[one]


def file_format(data: dict[str, Any]) -> dict[str, Any]:
    return custom(table(data), "fileFormat")["value"]  # type: ignore[no-any-return]


def rename(data: Any, old: str, new: str) -> None:
    """Everywhere in the contract: a column is named by keys and rules too."""
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        if value == old:
            data[key] = new
        elif isinstance(value, dict | list):
            rename(value, old, new)


# name: (contract, change, kind, breaks, step)
SOURCE_CASES: dict[str, tuple[str, Mutation, str, str, str]] = {
    # columns of a delivered file: its header must be exactly the contract's
    "source: optional column added": (
        *(SOURCE, lambda d: columns(d).append(text("Coupon")), "optional column added", "producers", "major"),
    ),
    "source: required column added": (
        SOURCE,
        lambda d: columns(d).append({**text("Coupon"), "required": True}),
        *("required column added", "producers", "major"),
    ),
    "source: column removed": (
        *(SOURCE, lambda d: drop(columns(d), "Description"), "column removed", "both", "major"),
    ),
    "source: column renamed": (*(SOURCE, lambda d: rename(d, "Country", "Land"), "column renamed", "both", "major"),),
    "source: columns reordered": (
        *(SOURCE, lambda d: swap(columns(d), 2, 7), "columns reordered", "producers", "major"),
    ),
    "source: type widened": (
        SOURCE,
        lambda d: column(d, "Quantity").update(physicalType="BIGINT"),
        *("type widened", "consumers", "major"),
    ),
    "source: decimals narrowed": (
        SOURCE,
        lambda d: column(d, "UnitPrice").update(physicalType="DECIMAL(18,2)"),
        # two decimals fewer and two whole digits more: some prices fit only before, some only after
        *("type changed", "both", "major"),
    ),
    "source: type narrowed": (
        SOURCE,
        lambda d: column(d, "UnitPrice").update(physicalType="DECIMAL(16,2)"),
        *("type narrowed", "producers", "major"),
    ),
    "source: type changed": (
        SOURCE,
        lambda d: column(d, "Quantity").update(logicalType="number", physicalType="DOUBLE"),
        *("type changed", "both", "major"),
    ),
    "source: made required": (
        *(SOURCE, lambda d: column(d, "Description").update(required=True), "made required", "producers", "major"),
    ),
    "source: made optional": (
        *(SOURCE, lambda d: column(d, "Country").update(required=False), "made optional", "consumers", "major"),
    ),
    # limits of a column
    "source: pattern added": (
        *(SOURCE, lambda d: options(d, "Description").update(pattern="[A-Z]+"), "pattern added", "producers", "major"),
    ),
    "source: pattern removed": (
        *(SOURCE, lambda d: options(d, "InvoiceNo").pop("pattern"), "pattern removed", "consumers", "major"),
    ),
    "source: pattern changed": (
        *(SOURCE, lambda d: options(d, "InvoiceNo").update(pattern="[0-9]+"), "pattern changed", "both", "major"),
    ),
    "source: length tightened": (
        *(SOURCE, lambda d: options(d, "Country").update(maxLength=30), "length tightened", "producers", "major"),
    ),
    "source: length loosened": (
        *(SOURCE, lambda d: options(d, "Country").update(maxLength=90), "length loosened", "consumers", "major"),
    ),
    "source: least length added": (
        *(SOURCE, lambda d: options(d, "Country").update(minLength=2), "length tightened", "producers", "major"),
    ),
    "source: minimum tightened": (
        *(SOURCE, lambda d: options(d, "Quantity").update(minimum=-10), "minimum tightened", "producers", "major"),
    ),
    "source: minimum loosened": (
        *(SOURCE, lambda d: options(d, "Quantity").update(minimum=-200000), "minimum loosened", "consumers", "major"),
    ),
    "source: minimum of a time tightened": (
        SOURCE,
        lambda d: options(d, "InvoiceDate").update(minimum="2010-12-01 00:00:00"),
        *("minimum tightened", "producers", "major"),
    ),
    "source: maximum removed": (
        *(SOURCE, lambda d: options(d, "UnitPrice").pop("maximum"), "maximum loosened", "consumers", "major"),
    ),
    "source: maximum lowered": (
        *(SOURCE, lambda d: options(d, "UnitPrice").update(maximum=900), "maximum tightened", "producers", "major"),
    ),
    "source: time format changed": (
        SOURCE,
        lambda d: options(d, "InvoiceDate").update(format="dd/MM/yyyy HH:mm:ss"),
        *("time format changed", "both", "major"),
    ),
    "source: zone changed": (
        SOURCE,
        lambda d: options(d, "InvoiceDate").update(defaultTimezone="UTC"),
        *("time zone changed", "both", "major"),
    ),
    # what the whole table promises
    "source: row key changed": (
        *(SOURCE, lambda d: custom(table(d), "rowKey").update(value=["InvoiceNo"]), "key changed", "both", "major"),
    ),
    "source: document key changed": (
        SOURCE,
        lambda d: custom(table(d), "documentKey").update(value=["InvoiceNo", "StockCode"]),
        *("document key changed", "both", "major"),
    ),
    "source: event timestamp removed": (
        SOURCE,
        lambda d: drop(table(d)["customProperties"], "eventTimestamp", "property"),
        *("event timestamp changed", "both", "major"),
    ),
    "source: rows of the control total chosen": (
        SOURCE,
        lambda d: table(d)["customProperties"].append({"property": "controlRows", "value": "Quantity > 0"}),
        *("rows of the control total added", "none", "minor"),
    ),
    "source: control total changed": (
        SOURCE,
        lambda d: custom(table(d), "controlTotal").update(value="Quantity"),
        *("control total changed", "consumers", "major"),
    ),
    "source: entity of the control total named": (
        "sources/storefront/payments",
        lambda d: table(d)["customProperties"].append({"property": "controlEntity", "value": "orders"}),
        *("entity of the control total added", "none", "none"),
    ),
    "source: entity of the control total changed": (
        SOURCE,
        lambda d: custom(table(d), "controlEntity").update(value="orders"),
        *("entity of the control total changed", "consumers", "major"),
    ),
    "source: delimiter changed": (
        *(SOURCE, lambda d: file_format(d).update(delimiter=";"), "file format changed", "producers", "major"),
    ),
    "source: encoding changed": (
        *(SOURCE, lambda d: file_format(d).update(encoding="utf-16"), "file format changed", "producers", "major"),
    ),
    "source: header off": (
        *(SOURCE, lambda d: file_format(d).update(header=False), "file format changed", "producers", "major"),
    ),
    "source: physical name changed": (
        *(SOURCE, lambda d: table(d).update(physicalName="x__y"), "physical name changed", "consumers", "major"),
    ),
    "source: a child waits for a parent": (
        SOURCE,
        lambda d: column(d, "CustomerID").update(relationships=[{"to": "customers.id"}]),
        *("foreign key added", "producers", "major"),
    ),
    # rules over rows and days
    "source: row rule added": (
        *(SOURCE, lambda d: table(d)["quality"].append(row_rule("big")), "row rule added", "producers", "major"),
    ),
    "source: row rule removed": (
        *(SOURCE, lambda d: drop(table(d)["quality"], "negative_price"), "row rule removed", "consumers", "major"),
    ),
    "source: row rule asks something else": (
        SOURCE,
        lambda d: rule(d, "negative_price").update(query="select count(*) from ${object} where UnitPrice < 0"),
        *("rule changed", "both", "major"),
    ),
    "source: reason code renamed": (
        *(SOURCE, lambda d: rule(d, "negative_price").update(name="price_below"), "rule renamed", "consumers", "major"),
    ),
    "source: blocking bound tightened": (
        SOURCE,
        lambda d: rule(d, "rows_implausibly_few").update(mustBeGreaterOrEqualTo=100),
        *("rule tightened", "producers", "major"),
    ),
    "source: blocking bound loosened": (
        SOURCE,
        lambda d: rule(d, "median_price_other_unit").update(mustBeBetween=[0.1, 40]),
        *("rule loosened", "consumers", "major"),
    ),
    "source: blocking bound moved": (
        SOURCE,
        lambda d: rule(d, "median_price_other_unit").update(mustBeBetween=[0.1, 30]),
        *("rule changed", "both", "major"),
    ),
    "source: warning bound tightened": (
        *(SOURCE, lambda d: rule(d, "rows_few").update(mustBeGreaterOrEqualTo=250), "rule tightened", "none", "minor"),
    ),
    "source: a warning blocks": (
        *(SOURCE, lambda d: rule(d, "rows_few").update(severity="error"), "severity tightened", "producers", "major"),
    ),
    "source: a blocking rule only warns": (
        SOURCE,
        lambda d: rule(d, "repeated_lines_half").update(severity="warning"),
        *("severity loosened", "consumers", "major"),
    ),
    "source: a warning added": (
        SOURCE,
        lambda d: table(d)["quality"].append({**rule(d, "rows_few"), "name": "rows_fewer"}),
        *("day rule added", "none", "minor"),
    ),
    "source: a name more in a list that warns": (
        SOURCE,
        lambda d: rule(d, "country_unknown")["arguments"]["validValues"].append("Peru"),
        *("admitted values loosened", "none", "minor"),
    ),
    # times and people
    "source: freshness tightened": (
        *(
            SOURCE,
            lambda d: d["slaProperties"][1].update(value=1, unit="d"),
            "freshness tightened",
            "producers",
            "major",
        ),
    ),
    "source: freshness loosened": (
        *(SOURCE, lambda d: d["slaProperties"][1].update(value=48), "freshness loosened", "consumers", "major"),
    ),
    "source: files come less often": (
        *(SOURCE, lambda d: d["slaProperties"][0].update(value=7), "rhythm of delivery changed", "both", "major"),
    ),
    "source: personal-data class raised": (
        SOURCE,
        lambda d: custom(column(d, "CustomerID"), "personalData").update(value="direct"),
        *("personal-data class raised", "consumers", "major"),
    ),
    "source: personal-data class dropped": (
        SOURCE,
        lambda d: custom(column(d, "CustomerID"), "personalData").update(value="none"),
        *("personal-data class dropped", "both", "major"),
    ),
    "source: staging calls a column otherwise": (
        SOURCE,
        lambda d: custom(column(d, "InvoiceNo"), "stagedAs").update(value="invoice_id"),
        *("staging changed", "none", "none"),
    ),
    "source: staging trims a column": (
        SOURCE,
        lambda d: column(d, "Country")["customProperties"].append({"property": "stagedTrimmed", "value": True}),
        *("staging changed", "none", "none"),
    ),
    "source: versions ordered otherwise": (
        SOURCE,
        lambda d: table(d)["customProperties"].append({"property": "sourceUpdatedAt", "value": "InvoiceDate"}),
        *("order of versions changed", "both", "major"),
    ),
    "source: file format unnamed": (
        SOURCE,
        lambda d: drop(table(d)["customProperties"], "fileFormat", "property"),
        *("file format changed", "both", "major"),
    ),
    "source: Parquet instead of CSV": (
        *(SOURCE, lambda d: file_format(d).update(format="parquet"), "file format changed", "producers", "major"),
    ),
    "source: quote": (
        *(SOURCE, lambda d: file_format(d).update(quote="'"), "file format changed", "producers", "major"),
    ),
    "source: escape": (
        *(SOURCE, lambda d: file_format(d).update(escape="/"), "file format changed", "producers", "major"),
    ),
    "source: times carry their offset": (
        *(SOURCE, lambda d: options(d, "InvoiceDate").update(timezone=True), "time zone changed", "both", "major"),
    ),
    "source: another measure": (
        *(SOURCE, lambda d: rule(d, "rows_few").update(metric="invalidValues", severity="error")),
        *("rule changed", "both", "major"),
    ),
    "source: a share instead of a number": (
        *(SOURCE, lambda d: rule(d, "rows_implausibly_few").update(unit="percent"), "rule changed", "both", "major"),
    ),
    "source: a measure of a day becomes a rule of rows": (
        SOURCE,
        lambda d: custom(rule(d, "median_price_other_unit"), "grain").update(value="row"),
        *("rule changed", "both", "major"),
    ),
    "source: another kind of rule": (
        *(SOURCE, lambda d: rule(d, "rows_implausibly_few").update(type="sql"), "rule changed", "both", "major"),
    ),
    "source: repeats by fewer columns": (
        SOURCE,
        lambda d: rule(d, "repeated_lines_half")["arguments"]["properties"].remove("Country"),
        *("rule changed", "both", "major"),
    ),
    "source: a rule of another column": (
        SOURCE,
        lambda d: column(d, "Country")["quality"].append(column(d, "CustomerID")["quality"].pop()),
        *("rule changed", "both", "major"),
    ),
    # texts
    "source: description": (
        *(SOURCE, lambda d: column(d, "Country").update(description="Land."), "description changed", "none", "patch"),
    ),
    "source: owner": (*(SOURCE, lambda d: d["team"].update(name="till-data"), "owner changed", "none", "patch"),),
    "source: version": (*(SOURCE, lambda d: d.update(version="99.0.0"), "version changed", "none", "none"),),
    "source: deprecated": (*(SOURCE, lambda d: d.update(status="deprecated"), "contract deprecated", "none", "minor"),),
    "source: retired": (*(SOURCE, lambda d: d.update(status="retired"), "contract retired", "both", "major"),),
}
