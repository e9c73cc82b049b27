"""Single changes of the project's own contracts, each with the class that it must get.

The classes are written down here by hand, from the agreement's point of view: who could rely on what before, and cannot
any more. They are not computed from the rules under test.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from pipelines.contracts import change_rules
from pipelines.contracts.changes import compare
from tests.contracts.contract_states import (
    CANONICAL,
    FORECAST,
    LINES,
    ORDERS,
    SOURCE,
    VALUES,
    VOCABULARY,
    changed,
    column,
    columns,
    custom,
    drop,
    options,
    project_state,
    rule,
    table,
)

STATE = project_state()
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


def enum(data: dict[str, Any]) -> list[str]:
    return rule(data, "order_type_values")["arguments"]["validValues"]  # type: ignore[no-any-return]


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
CASES: dict[str, tuple[str, Mutation, str, str, str]] = {
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
    "source: control total changed": (
        SOURCE,
        lambda d: custom(table(d), "controlTotal").update(value="Quantity"),
        *("control total changed", "consumers", "major"),
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
    "source: version": (*(SOURCE, lambda d: d.update(version="1.0.1"), "version changed", "none", "none"),),
    "source: deprecated": (*(SOURCE, lambda d: d.update(status="deprecated"), "contract deprecated", "none", "minor"),),
    "source: retired": (*(SOURCE, lambda d: d.update(status="retired"), "contract retired", "both", "major"),),
    # published tables: their readers alone can be broken
    "published: column added": (
        *(ORDERS, lambda d: columns(d).append(text("coupon")), "optional column added", "none", "minor"),
    ),
    "published: column removed": (
        *(ORDERS, lambda d: drop(columns(d), "country"), "column removed", "consumers", "major"),
    ),
    "published: column renamed": (
        *(ORDERS, lambda d: column(d, "country").update(name="land"), "column renamed", "consumers", "major"),
    ),
    "published: columns reordered": (
        *(ORDERS, lambda d: swap(columns(d), 2, 7), "columns reordered", "none", "patch"),
    ),
    "published: type widened": (
        *(FORECAST, lambda d: column(d, "horizon_days").update(physicalType="BIGINT")),
        *("type widened", "consumers", "major"),
    ),
    "published: type narrowed": (
        *(ORDERS, lambda d: column(d, "n_lines").update(physicalType="INTEGER"), "type narrowed", "none", "minor"),
    ),
    "published: never null any more": (
        *(ORDERS, lambda d: column(d, "country").update(required=True), "made required", "none", "minor"),
    ),
    "published: may be null": (
        *(LINES, lambda d: column(d, "product_id").update(required=False), "made optional", "consumers", "major"),
    ),
    "published: value added": (
        *(ORDERS, lambda d: enum(d).append("exchange"), "admitted values loosened", "consumers", "major"),
    ),
    "published: value removed": (
        *(ORDERS, lambda d: enum(d).remove("charge"), "admitted values tightened", "none", "minor"),
    ),
    "published: values no longer promised": (
        *(ORDERS, lambda d: column(d, "order_type").pop("quality"), "rule removed", "consumers", "major"),
    ),
    "published: key changed": (
        ORDERS,
        lambda d: column(d, "source_system").update(primaryKey=True, primaryKeyPosition=2, required=True),
        *("key changed", "consumers", "major"),
    ),
    "published: money in another currency column": (
        ORDERS,
        lambda d: custom(column(d, "fee_amount"), "currencyColumn").update(value="fee_currency"),
        *("currency changed", "consumers", "major"),
    ),
    "published: personal-data class dropped": (
        ORDERS,
        lambda d: custom(column(d, "customer_id"), "personalData").update(value="none"),
        *("personal-data class dropped", "both", "major"),
    ),
    "published: freshness promised": (
        ORDERS,
        lambda d: d.update(slaProperties=[{"property": "latency", "value": 30, "unit": "h"}]),
        *("freshness added", "none", "minor"),
    ),
    "published: physical name changed": (
        *(ORDERS, lambda d: table(d).update(physicalName="orders"), "physical name changed", "consumers", "major"),
    ),
    # between parts of the project
    "statement: optional column added": (
        VALUES,
        lambda d: columns(d).append({**text("mood"), "physicalType": "varchar"}),
        *("optional column added", "none", "minor"),
    ),
    "statement: required column added": (
        VALUES,
        lambda d: columns(d).append({**text("mood"), "physicalType": "varchar", "required": True}),
        *("required column added", "producers", "major"),
    ),
    "statement: columns reordered": (
        *(VALUES, lambda d: swap(columns(d), 2, 3), "columns reordered", "none", "patch"),
    ),
    "entity: column added": (
        CANONICAL,
        lambda d: columns(d).append({"name": "coupon", "type": "string", "description": "x"}),
        *("optional column added", "producers", "major"),
    ),
    "entity: type narrowed": (
        *(CANONICAL, lambda d: column(d, "batch_id").update(type="integer"), "type narrowed", "producers", "major"),
    ),
    "entity: columns reordered": (
        *(CANONICAL, lambda d: swap(columns(d), 0, 1), "columns reordered", "producers", "major"),
    ),
    "term: class dropped": (
        VOCABULARY,
        lambda d: d["terms"][0].update(personal_data="none"),
        *("personal-data class dropped", "both", "major"),
    ),
    "term: type admitted": (
        *(VOCABULARY, lambda d: d["terms"][0]["types"].append("bigint"), "types loosened", "consumers", "major"),
    ),
    "term: removed": (*(VOCABULARY, lambda d: d["terms"].pop(0), "term removed", "both", "major"),),
}


@pytest.mark.parametrize("name", CASES)
def test_one_change_gets_its_class(name: str) -> None:
    contract, change, kind, breaks, step = CASES[name]
    found = compare(STATE, changed(STATE, contract, change))
    worst = [item for item in found if item.kind == kind]
    assert worst, [(item.place, item.kind) for item in found]
    assert {(item.contract, item.breaks, item.step) for item in worst} == {(contract, breaks, step)}
    assert all("\n" not in item.text and len(item.text) < 140 for item in found)
    # what else the change says of itself is never worse than the change
    order = ("none", "patch", "minor", "major")
    assert max(order.index(item.step) for item in found) == order.index(step)


@pytest.mark.parametrize("name", CASES)
def test_the_way_back_goes_the_other_way(name: str) -> None:
    contract, change, *_ = CASES[name]
    other = {"added": "removed", "tightened": "loosened"}
    other |= {was: now for now, was in other.items()}
    after = changed(STATE, contract, change)
    there, back = compare(STATE, after), compare(after, STATE)
    directions = sorted((item.place if "->" not in item.text else "", item.direction) for item in there)
    renamed = any("renamed" in item.kind for item in there)
    if not renamed:  # the place of a renamed thing is its old name
        assert sorted((i.place if "->" not in i.text else "", other.get(i.direction, i.direction)) for i in back) == (
            directions
        )
    assert len(there) == len(back)


TEXTS: dict[str, tuple[str, Mutation]] = {
    "purpose": (SOURCE, lambda d: d["description"].update(purpose="x")),
    "name": (SOURCE, lambda d: d.update(name="x")),
    "domain": (SOURCE, lambda d: d.update(domain="x")),
    "tags": (SOURCE, lambda d: d.update(tags=["x"])),
    "table": (SOURCE, lambda d: table(d).update(description="x")),
    "table's business name": (SOURCE, lambda d: table(d).update(businessName="x")),
    "grain in words": (SOURCE, lambda d: table(d).update(dataGranularityDescription="x")),
    "column's business name": (SOURCE, lambda d: columns(d)[0].update(businessName="x")),
    "examples": (SOURCE, lambda d: columns(d)[0].update(examples=["x"])),
    "rule": (SOURCE, lambda d: rule(d, "rows_few").update(description="x")),
    "rule's dimension": (SOURCE, lambda d: rule(d, "rows_few").update(dimension="coverage")),
    "service level": (SOURCE, lambda d: d["slaProperties"][1].update(description="x")),
    "term": (VOCABULARY, lambda d: d["terms"][0].update(description="x")),
    "entity": (CANONICAL, lambda d: d.update(description="x")),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_breaks_nobody(name: str) -> None:
    [change] = compare(STATE, changed(STATE, *TEXTS[name]))
    assert (change.kind, change.breaks, change.step) == ("description changed", "none", "patch")


def test_every_rule_has_a_change_that_it_classes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule without one here could say anything."""
    used: set[tuple[str, ...]] = set()

    def noted(place: tuple[str, ...], judge: Any) -> Any:
        return lambda family, difference: (used.add(place), judge(family, difference))[1]

    rules = change_rules.RULES
    monkeypatch.setattr(change_rules, "RULES", tuple((place, noted(place, judge)) for place, judge in rules))
    compare(STATE, {})
    for contract, change, *_ in [*CASES.values(), *TEXTS.values()]:
        compare({contract: STATE[contract]}, {contract: changed(STATE, contract, change)[contract]})
    assert [place for place, _ in rules if place not in used] == []


@pytest.mark.parametrize(
    ("form", "added", "reorder"),
    [("csv", "producers", "producers"), ("parquet", "producers", "none"), ("jsonl", "none", "none")],
)
def test_what_a_file_without_the_column_means_depends_on_its_format(form: str, added: str, reorder: str) -> None:
    """A CSV header is compared whole, a Parquet file must have every column, a JSON line may leave a key out."""
    state = changed(STATE, SOURCE, lambda d: file_format(d).update(format=form))
    optional = compare(state, changed(state, SOURCE, lambda d: columns(d).append(text("Coupon"))))
    required = {**text("Coupon"), "required": True}
    needed = compare(state, changed(state, SOURCE, lambda d: columns(d).append(required)))
    moved = compare(state, changed(state, SOURCE, lambda d: swap(columns(d), 2, 7)))
    gone = compare(state, changed(state, SOURCE, lambda d: drop(columns(d), "Description")))
    assert [found[0].breaks for found in (optional, needed, moved, gone)] == [added, "producers", reorder, "both"]


@pytest.mark.parametrize(
    ("contract", "breaks"),
    [(SOURCE, "both"), (ORDERS, "consumers"), (VALUES, "both"), (CANONICAL, "both"), (VOCABULARY, "both")],
)
def test_a_contract_that_is_no_more(contract: str, breaks: str) -> None:
    less = {name: data for name, data in STATE.items() if name != contract}
    [gone], [come] = compare(STATE, less), compare(less, STATE)
    assert (gone.kind, gone.breaks, gone.step) == ("contract removed", breaks, "major")
    assert (come.kind, come.breaks, come.step) == ("contract added", "none", "minor")


def test_a_renamed_key_column_is_one_change() -> None:
    after = copy.deepcopy(STATE)
    column(after[ORDERS], "order_id")["name"] = "document_id"
    assert [(item.place, item.kind, item.text) for item in compare(STATE, after)] == [
        ("column order_id", "column renamed", "order_id -> document_id")
    ]


def test_a_column_of_another_type_in_the_same_place_is_not_a_rename() -> None:
    after = changed(STATE, ORDERS, lambda d: column(d, "country").update(name="mood", physicalType="BIGINT"))
    assert sorted(item.kind for item in compare(STATE, after)) == ["column removed", "optional column added"]
