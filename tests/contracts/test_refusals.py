"""Contract files that must not be used: mistakes and attacks, each refused with one clear line."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.contracts import ContractError, load_source_contract
from pipelines.contracts.odcs import check_source_contract
from tests.contracts.conftest import CONTRACT

FILE = yaml.safe_load(CONTRACT.read_text())


def write(folder: Path, data: str) -> Path:
    path = folder / "online_retail" / "transactions.odcs.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(data)
    return path


def refused(load: Callable[[], Any]) -> str:
    with pytest.raises(ContractError) as caught:
        load()
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("transactions.odcs.yaml")
    return message


def change(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """Set one value; numbers in the path are positions, `-` appends, a value of ... deletes."""

    def apply(data: Any) -> None:
        *way, last = path.split("/")
        for part in way:
            data = data[int(part) if part.isdigit() else part]
        if value is ...:
            del data[last]
        elif last == "-":
            data.append(value)
        else:
            data[int(last) if last.isdigit() else last] = value

    return apply


PROPERTY = "schema/0/properties/"
RULE = "schema/0/quality/0/query"
SELECT = "select count(*) from ${object} where "
MISTAKES = [
    ("apiVersion", "v2.2.2", "apiVersion"),
    ("surprise", 1, "unknown or not supported"),
    ("version", "1.0", "no version"),
    ("version", "1.0.0'; drop table x; --", "no version"),
    ("version", ..., "missing"),
    ("dataProduct", "online_retail'; --", "no safe name"),
    ("schema/0/name", "../../etc", "no safe name"),
    ("schema/0/physicalName", "other", "<source>__<table>"),
    (PROPERTY + "0/surprise", 1, "unknown or not supported"),
    (PROPERTY + "0/name", 'x"; drop table y; --', "no safe column name"),
    (PROPERTY + "0/name", "_row_hash", "no safe column name"),
    (PROPERTY + "0/name", "Rechnungsnummerü", "no safe column name"),
    (PROPERTY + "1/name", "invoiceno", "more than once"),
    (PROPERTY + "0/physicalType", "VARCHAR); drop table x; --", "no type of"),
    (PROPERTY + "3/physicalType", "HUGEINT", "no type of"),
    (PROPERTY + "3/physicalType", "DOUBLE", "no type of"),
    (PROPERTY + "5/physicalType", "DECIMAL(99,4)", "out of range"),
    (PROPERTY + "5/physicalType", "DECIMAL(18,4))", "no type of"),
    (PROPERTY + "5/physicalType", "DECIMAL(18,6)", "more than four decimals"),
    (PROPERTY + "0/customProperties", [], "no personal-data class"),
    (PROPERTY + "0/description", " ", "not described"),
    (PROPERTY + "0/required", "yes", "valid boolean"),
    (PROPERTY + "0/logicalTypeOptions/maxLength", ..., "no limit of length"),
    (PROPERTY + "0/logicalTypeOptions/minimum", 3, "does not fit"),
    (PROPERTY + "0/logicalTypeOptions/pattern", "(a", "no regular expression"),
    (PROPERTY + "0/logicalTypeOptions/pattern", r"\d+", "classes, anchors"),
    (PROPERTY + "0/logicalTypeOptions/pattern", "(?=a)b", "classes, anchors"),
    (PROPERTY + "0/logicalTypeOptions/pattern", "^a$", "classes, anchors"),
    (PROPERTY + "0/logicalTypeOptions/pattern", "a" * 301, "longer than"),
    (PROPERTY + "3/logicalTypeOptions/minimum", "0); drop table x; --", "no number"),
    (PROPERTY + "3/logicalTypeOptions/minimum", 2**60, "no number"),
    (PROPERTY + "3/logicalTypeOptions/minimum", 100001, "above maximum"),
    (PROPERTY + "3/logicalTypeOptions/minimum", float("nan"), "minimum"),
    (PROPERTY + "4/logicalTypeOptions/defaultTimezone", "Europe/Londres'", "no time zone"),
    (PROPERTY + "4/logicalTypeOptions/defaultTimezone", ..., "no time zone"),
    (PROPERTY + "4/logicalTypeOptions/timezone", True, "contradicts"),
    (PROPERTY + "4/logicalTypeOptions/format", "dd/MM/yyyy", "not supported"),
    (PROPERTY + "4/logicalTypeOptions/minimum", "yesterday", "does not keep the format"),
    ("schema/0/customProperties/0/value/delimiter", ";;", "single, sensible"),
    ("schema/0/customProperties/0/value/format", "parquet", "delimiter says nothing of a parquet file"),
    ("schema/0/customProperties/0/value/format", "avro", "no format that can be read"),
    ("schema/0/customProperties/0/value", {"format": ["jsonl"]}, "no format that can be read"),
    ("schema/0/customProperties/0/value", "jsonl", "fileFormat: format"),
    ("schema/0/customProperties/0/value/quote", "'", "quote and escape"),
    ("schema/0/customProperties/0/value/header", False, "a header"),
    ("schema/0/customProperties/0/value/encoding", "latin-1", "only csv in utf-8"),
    ("schema/0/customProperties/0/value/extra", 1, "extra"),
    ("schema/0/customProperties/1/value", ["Nothing"], "customProperties.rowKey"),
    ("schema/0/customProperties/3/value", "Country", "no timestamp"),
    ("schema/0/customProperties/4/value", "sum(Quantity)", "money is added"),
    ("schema/0/customProperties/4/value", "Quantity / UnitPrice", "money is added"),
    ("schema/0/customProperties/4/value", "Quantity, UnitPrice", "one single expression"),
    ("schema/0/customProperties/4/value", "(select 1)", "subquery"),
    ("schema/0/customProperties/-", {"property": "shell", "value": "rm"}, "unknown"),
    ("schema/0/customProperties/-", {"property": "controlRows", "value": "Quantity"}, "no condition on single rows"),
    ("schema/0/customProperties/-", {"property": "controlRows", "value": "sum(Quantity) > 1"}, "no condition on"),
    ("schema/0/customProperties/-", {"property": "controlRows", "value": "Currency = 'CNY'"}, "no column 'Currency'"),
    ("schema/0/customProperties/4", {"property": "controlRows", "value": "Quantity > 0"}, "there is no controlTotal"),
    ("schema/0/customProperties/5/value", "Order lines", "no name of an entity"),
    ("schema/0/customProperties/5/value", ["order_lines"], "no name of an entity"),
    ("schema/0/customProperties/4", {"property": "sourceUpdatedAt", "value": "InvoiceDate"}, "no controlTotal"),
    ("schema/0/quality/0/name", "a b", "no safe name"),
    ("schema/0/quality/1/name", "quantity_is_zero", "more than once"),
    ("schema/0/quality/0/severity", "warning", "severity: error"),
    ("schema/0/quality/0/mustBe", 1, "mustBe: 0"),
    ("schema/0/quality/0/mustBeLessThan", 1, "exactly one comparison"),
    ("schema/0/quality/5/mustBeGreaterOrEqualTo", "many", "schema[0].quality[5]"),
    ("schema/0/quality/5/metric", "freshness", "metric"),
    ("schema/0/quality/5/unit", "kilo", "unit"),
    ("slaProperties/1/unit", "moons", "latency"),
    (RULE, SELECT + "Quantity = 0; select 1", "more than one statement"),
    (RULE, SELECT + "Quantity = 0; drop table x", "cannot be parsed"),
    (RULE, SELECT + "Quantity = (select 0)", "subquery"),
    (RULE, SELECT + "exists (select 1)", "subquery"),
    (RULE, SELECT + "read_text('/etc/passwd') = 'x'", "not admitted"),
    (RULE, SELECT + "getenv('HOME') = 'x'", "not admitted"),
    (RULE, SELECT + "Quantity in (select Quantity from t)", "subquery"),
    (RULE, SELECT + "Quantity = cast(InvoiceNo as integer)", "cast"),
    (RULE, SELECT + "Quantity = ?", "not admitted"),
    (RULE, SELECT + "Quantity = InvoiceNo", "compares"),
    (RULE, SELECT + "Nothing = 0", "no column 'Nothing'"),
    (RULE, SELECT + "rowid = 0", "no column 'rowid'"),
    (RULE, SELECT + "Quantity", "condition"),
    (RULE, SELECT + "true", "names no column"),
    (RULE, SELECT + "Quantity * 2 = 0", "single columns"),
    (RULE, SELECT + "sum(Quantity) = 0", "single columns"),
    (RULE, SELECT + "row_number() over () = 1", "not admitted"),
    (RULE, SELECT + "Quantity = 0 group by Country", "plain select"),
    (RULE, SELECT + "Quantity = 0 limit 1", "plain select"),
    (RULE, SELECT + "Quantity = 1e99999", "out of range"),
    (RULE, SELECT + "(" * 40 + "not (" * 40 + "Quantity = 0" + ")" * 80, "deeper"),
    (RULE, "select count(*) from read_csv('/etc/passwd') where '${object}' = ''", "plain select"),
    (RULE, "select count(*) from ${object}, other where Quantity = 0", "plain select"),
    (RULE, "select count(*) from ${object} as o where Quantity = 0", "plain select"),
    (RULE, "with x as (select 1) select count(*) from ${object} where Quantity = 0", "plain select"),
    (RULE, "select max(Quantity) from ${object} where Quantity = 0", "select count(*)"),
    (RULE, "drop table ${object}", "cannot be parsed"),
    (RULE, "copy ${object} to '/tmp/x'", "cannot be parsed"),
    ("schema/0/quality/13/query", "select median(UnitPrice), 1 from ${object}", "one value"),
    ("schema/0/quality/13/query", "select UnitPrice from ${object}", "outside an aggregate"),
    ("schema/0/quality/13/query", "select string_agg(Country) from ${object}", "not admitted"),
    ("schema/0/quality/13/query", "select median(UnitPrice) from ${object} where Quantity > 1", "filter"),
]


@pytest.mark.parametrize(("where", "value", "said"), MISTAKES, ids=[f"{m[0]}={str(m[1])[:40]}" for m in MISTAKES])
def test_one_mistake_gives_one_clear_line(where: str, value: Any, said: str) -> None:
    data = copy.deepcopy(FILE)
    change(where, value)(data)
    assert said in refused(lambda: check_source_contract(CONTRACT, data))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no mapping"),
        ("- 1\n- 2\n", "no mapping"),
        ("a: [1", "not readable as YAML"),
        ("a: 2025-13-01", "not readable as YAML (month must be in 1..12)"),
        ("kind: DataContract\nkind: Other\n", "stands twice"),
        ("a: &x [1]\nb: *x\n", "alias"),
        ("a: !!python/object/apply:os.system [id]\n", "not readable as YAML"),
        ("a: " + "[" * 2000, "not readable as YAML"),
        # libyaml would crash on these, by recursion in C
        ("a: [1]\nb: " + "[" * 400_000, "line 2: not readable as YAML (nested more than 100 deep)"),
        ("- " * 400_000, "nested more than 100 deep"),
        ("{a: " * 200_000, "nested more than 100 deep"),
        ("a:\n" + "".join(f"{' ' * depth}a:\n" for depth in range(1, 1300)), "nested more than 100 deep"),
        ("a: " + "x" * 1_100_000, "larger than 1 MB"),
    ],
)
def test_files_that_are_no_contract(tmp_path: Path, text: str, said: str) -> None:
    assert said in refused(lambda: load_source_contract(write(tmp_path, text)))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="no such file"):
        load_source_contract(tmp_path / "absent.odcs.yaml")


def test_the_unchanged_contract_is_accepted(tmp_path: Path) -> None:
    contract = load_source_contract(write(tmp_path, CONTRACT.read_text()))
    assert contract.raw_table == "online_retail__transactions"
    assert contract.row_key == ("InvoiceNo", "_row_hash", "_occurrence")
    assert contract.column("CustomerID").personal_data == "pseudonym"
    assert contract.freshness_hours == 36
