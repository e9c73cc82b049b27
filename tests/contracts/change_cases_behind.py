"""Single changes of the contracts behind the gate (statements, entities, vocabulary, published tables), and of texts.

The classes are written down by hand, as in change_cases.py.
"""

from __future__ import annotations

from typing import Any

from tests.contracts.change_cases import Mutation, swap, text
from tests.contracts.contract_states import (
    CANONICAL,
    FORECAST,
    LINES,
    ORDER_LINES,
    ORDERS,
    SOURCE,
    VALUES,
    VOCABULARY,
    column,
    columns,
    custom,
    drop,
    rule,
    table,
)


def enum(data: dict[str, Any]) -> list[str]:
    return rule(data, "order_type_values")["arguments"]["validValues"]  # type: ignore[no-any-return]


# name: (contract, change, kind, breaks, step)
CASES_BEHIND: dict[str, tuple[str, Mutation, str, str, str]] = {
    # published tables: their readers alone can be broken
    "published: column added": (
        *(ORDERS, lambda d: columns(d).append(text("coupon")), "optional column added", "none", "minor"),
    ),
    "statements: graded with another function": (
        VALUES,
        lambda d: table(d).setdefault("customProperties", []).append({"property": "gradedWith", "value": ["learnt"]}),
        *("grading changed", "none", "patch"),
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
    "statement: made required": (
        VALUES,
        lambda d: column(d, "probability_alive").update(required=True),
        *("made required", "producers", "major"),
    ),
    "statement: made optional": (
        *(VALUES, lambda d: column(d, "upper").update(required=False), "made optional", "consumers", "major"),
    ),
    "statement: type changed": (
        *(VALUES, lambda d: column(d, "upper").update(logicalType="string", physicalType="varchar")),
        *("type changed", "both", "major"),
    ),
    "entity: type widened": (
        ORDER_LINES,
        lambda d: column(d, "unit_price").update(type="decimal(38, 4)"),
        *("type widened", "consumers", "major"),
    ),
    "entity: type changed": (
        *(CANONICAL, lambda d: column(d, "ordered_date").update(type="string"), "type changed", "both", "major"),
    ),
    "term: type no longer admitted": (
        VOCABULARY,
        lambda d: next(term for term in d["terms"] if term["name"] == "quantity")["types"].remove("integer"),
        *("types tightened", "producers", "major"),
    ),
    "term: another type": (
        *(VOCABULARY, lambda d: d["terms"][0].update(types=["bigint"]), "types changed", "both", "major"),
    ),
}


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
