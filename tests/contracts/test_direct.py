"""Direct personal data: the hash against Python's hmac, the rules against those of a column that is not direct."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hmac
import string
import unicodedata
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from pipelines.contracts import ContractError, GateResult, SourceContract, load_source_contract, run_gate
from pipelines.contracts.canonical import load_vocabulary
from pipelines.contracts.dbt_sources import render_dbt_sources
from pipelines.contracts.direct import TEXTS, hashed, hashed_select, normal_form, private_select
from pipelines.contracts.odcs import check_source_contract
from pipelines.contracts.published import render_published
from pipelines.hash_keys import HashKey
from tests.contracts.conftest import PROJECT, land

pytestmark = pytest.mark.slow

FIXTURES = PROJECT / "tests" / "fixtures" / "contracts" / "sources" / "storefront"
CUSTOMERS = FIXTURES / "customers.odcs.yaml"
DAY = dt.date(2025, 3, 3)
KEY = HashKey("k1", bytes(range(1, 33)))
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=80)


def hashes(texts: list[str | None], key: HashKey = KEY) -> list[tuple[str | None, str | None]]:
    """(normal form, hash) per text."""
    outer, inner = key.pads
    with duckdb.connect() as con:
        con.execute("create table t (n integer, x varchar)")
        con.executemany("insert into t values (?, ?)", list(enumerate(texts)))
        return con.execute(
            f"select {normal_form('x')}, {hashed('x')} from t order by n", {"outer": outer, "inner": inner}
        ).fetchall()


@settings(max_examples=30)
@given(
    secret=st.binary(min_size=32, max_size=100),
    texts=st.lists(st.one_of(TEXT, st.sampled_from(["ada@example.org", "王芳", "a" * 5000])), min_size=1, max_size=20),
)
def test_the_hash_is_the_standard_hmac_of_the_normal_form(secret: bytes, texts: list[str]) -> None:
    for text, (normal, found) in zip(texts, hashes(list(texts), HashKey("k", secret)), strict=True):
        assert normal is not None
        assert found == (hmac.new(secret, normal.encode(), "sha256").hexdigest() if text else None)


def by_hand(text: str) -> str:
    blanks = " \t\n\r\f\u00a0\u3000"
    if any(c in string.digits for c in text) and all(c in string.digits + "+()./-" + blanks for c in text):
        return "".join(c for c in text if c in string.digits)
    return unicodedata.normalize("NFC", text.strip(blanks)).lower()


LATIN = st.characters(min_codepoint=1, max_codepoint=0x24F, exclude_characters="\u0130\x0b")
CHINESE = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)
EDGES = st.sampled_from([" ", "\t", "\u00a0", "\u3000", "+86 ", "138-0000", "e\u0301"])


@settings(max_examples=60)
@given(
    st.lists(st.lists(st.one_of(LATIN, CHINESE, EDGES), min_size=1, max_size=12).map("".join), min_size=1, max_size=20)
)
def test_the_normal_form_is_that_of_the_docstring(texts: list[str]) -> None:
    assert [normal for normal, _ in hashes(list(texts))] == [by_hand(text) for text in texts]


@pytest.mark.parametrize(
    "alike",
    [
        ["Ada@Example.ORG", " ada@example.org", "ada@example.org\u00a0"],
        ["+86 138-0013-8000", "8613800138000", "(86) 138 0013 8000"],
        ["Zoe\u0308 Smith", "zo\u00eb smith", "\u3000ZO\u00cb SMITH "],
    ],
)
def test_the_same_person_is_the_same_in_every_source(alike: list[str]) -> None:
    assert len({found for _, found in hashes(list(alike))}) == 1


def test_nothing_stays_nothing_and_two_keys_share_no_hash() -> None:
    assert [found for _, found in hashes([None, ""])] == [None, None]
    other = HashKey("k2", KEY.secret[::-1])
    assert hashes(["ada@example.org"])[0][1] != hashes(["ada@example.org"], other)[0][1]


def undirected(contract: SourceContract) -> SourceContract:
    columns = tuple(dataclasses.replace(column, personal_data="none") for column in contract.columns)
    return dataclasses.replace(contract, columns=columns)


def judged(contract: SourceContract, rows: list[dict[str, Any]], verify: bool) -> tuple[GateResult, list[Any]]:
    """The gate on the rows, of which those with direct columns are hashed and their texts lie elsewhere."""
    with duckdb.connect() as con, duckdb.connect() as texts:
        con.execute("set TimeZone = 'UTC'")
        source = "landed"
        if contract.direct_columns:
            land(texts, contract, rows)
            texts.execute(f"create view {TEXTS} as select {private_select(contract)} from landed")
            outer, inner = KEY.pads
            stored: Any = texts.execute(
                f"select {hashed_select(contract)}, _delivery_id, _arrival_date, _arrival_seq, _row_number from landed",
                {"outer": outer, "inner": inner},
            ).df()
            con.register("stored", stored)
            land(con, contract, [])
            con.execute("insert into landed from stored")
            assert not con.execute(
                f"from landed where {' or '.join(f'length({n}) <> 64' for n in contract.direct_columns)}"
            ).fetchall()
        else:
            land(con, contract, rows)
        result = run_gate(
            con,
            contract,
            landed=source,
            time_zone="Asia/Shanghai",
            identical_lines="duplicate",
            texts=texts if contract.direct_columns else None,
            verify=verify,
        )
        found = con.execute(
            "select _delivery_id, _row_number, _outcome, _reasons, _occurrence from gate_rows order by all"
        ).fetchall()
    return result, found


NAMES = st.sampled_from(
    ["Ada Lovelace", "王芳", "Jos\u00e9", "caf\ufffd", "x\u0085y", "A" * 41, "", " ", "Ada\tLovelace"]
)
MAILS = st.sampled_from(
    ["ada@example.org", "Ada@Example.org ", "ada@", "@", "a b@c.de", "", "x" * 95 + "@e.org", "ada@example.org\n"]
)
PHONES = st.sampled_from(
    ["+86 138 0013 8000", "13800138000", "12", "n/a", "", "1" * 40, "call me", "\ufeff13800138000"]
)
ROW = st.fixed_dictionaries(
    {
        "customer_id": st.sampled_from(["C0000001", "C0000002", "C1", ""]),
        "updated_at": st.sampled_from([f"{DAY} 10:00:00", "31/02/2025"]),
        "registered_at": st.just(f"{DAY} 09:00:00"),
        "full_name": st.one_of(NAMES, TEXT),
        "email": st.one_of(MAILS, TEXT),
        "phone": st.one_of(PHONES, st.none(), TEXT),
        "gender": st.sampled_from(["F", "M", "x", None]),
        "birth_year": st.sampled_from(["1990", "12,50", None]),
        "country": st.sampled_from(["CN", "cn"]),
        "city": st.sampled_from(["上海", None]),
    }
)


def distinct(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with a number in a column that is not direct, so that no two are alike but for spelling; then copies."""
    numbered = [{**row, "registered_at": f"{DAY} 09:{n // 60:02}:{n % 60:02}"} for n, row in enumerate(rows)]
    return [*numbered, *numbered[::3]]


def assert_judged_alike(rows: list[dict[str, Any]], verify: bool) -> None:
    contract = load_source_contract(CUSTOMERS)
    assert contract.direct_columns == ("full_name", "email", "phone")
    found, rows_found = judged(contract, distinct(rows), verify)
    wanted, rows_wanted = judged(undirected(contract), distinct(rows), verify)
    assert rows_found == rows_wanted
    assert found.rule_counts == wanted.rule_counts
    for day, other in zip(found.days, wanted.days, strict=True):
        assert (day.verdict, day.outcomes, day.day_values) == (other.verdict, other.outcomes, other.day_values)


@settings(max_examples=25)
@given(rows=st.lists(ROW, min_size=1, max_size=60))
def test_a_direct_column_is_judged_as_any_other(rows: list[dict[str, Any]]) -> None:
    assert_judged_alike(rows, verify=False)


@settings(max_examples=3, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(rows=st.lists(ROW, min_size=20, max_size=60))
def test_the_second_engine_recounts_it_from_the_text(rows: list[dict[str, Any]]) -> None:
    assert_judged_alike(rows, verify=True)


def test_rows_that_differ_in_spelling_alone_are_copies() -> None:
    row = {
        "customer_id": "C0000001",
        "updated_at": f"{DAY} 10:00:00",
        "registered_at": f"{DAY} 09:00:00",
        "full_name": "Ada",
        "email": "ada@example.org",
        "phone": "13800138000",
        "country": "CN",
        "city": "X",
    }
    again = {**row, "full_name": "ADA", "email": "Ada@Example.org", "phone": "138-0013-8000"}
    _, found = judged(load_source_contract(CUSTOMERS), [row, again], verify=True)
    assert [outcome for _, _, outcome, _, _ in found] == ["accepted", "duplicate"]


def test_texts_of_other_rows_are_not_taken() -> None:
    contract = load_source_contract(CUSTOMERS)
    with duckdb.connect() as con, duckdb.connect() as texts:
        land(con, contract, [{}, {}])
        texts.execute(f"create table {TEXTS} as select 'd' as _delivery_id, 1 as _row_number, '' as full_name")
        for given_texts in (None, texts):
            with pytest.raises(ValueError, match="are not those of its rows"):
                run_gate(con, contract, landed="landed", time_zone="UTC", identical_lines="keep", texts=given_texts)


def column(document: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(c for c in document["schema"][0]["properties"] if c["name"] == name)
    return found


def row_rule(where: str) -> dict[str, Any]:
    rule = {"name": "odd", "type": "sql", "query": f"select count(*) from ${{object}} where {where}", "mustBe": 0}
    grain = [{"property": "grain", "value": "row"}]
    return {**rule, "dimension": "accuracy", "severity": "error", "description": "Odd.", "customProperties": grain}


def day_rule(value: str) -> dict[str, Any]:
    rule = {"name": "odd", "type": "sql", "query": f"select {value} from ${{object}}", "mustBeLessThan": 9}
    return {**rule, "dimension": "accuracy", "severity": "error", "description": "Odd."}


KNOWN = {"name": "odd", "type": "library", "metric": "invalidValues", "arguments": {"validValues": ["a"]}, "mustBe": 0}
KNOWN |= {"unit": "rows", "dimension": "conformity", "severity": "warning", "description": "Odd."}


def with_change(change: Any) -> SourceContract:
    document = yaml.safe_load(CUSTOMERS.read_text())
    change(document)
    return check_source_contract(CUSTOMERS, document)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: column(d, "birth_year")["customProperties"][0].update(value="direct"),
        lambda d: column(d, "email").update(quality=[KNOWN]),
        lambda d: d["schema"][0]["quality"].append(row_rule("email like '%@%'")),
        lambda d: d["schema"][0]["quality"].append(row_rule("city is null and (phone = 'x' or gender is null)")),
        lambda d: d["schema"][0]["quality"].append(row_rule("email = phone")),
        lambda d: d["schema"][0]["quality"].append(day_rule("count(*) filter (where email > 'x')")),
    ],
)
def test_a_contract_may_not_ask_a_hash_what_it_cannot_answer(change: Any) -> None:
    with pytest.raises(ContractError, match="hash is stored"):
        with_change(change)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["schema"][0]["quality"].append(row_rule("email is null and phone is not null")),
        lambda d: d["schema"][0]["quality"].append(day_rule("count(distinct email) - count(phone)")),
        lambda d: d["schema"][0]["quality"].append(day_rule("count(*) filter (where email is null)")),
    ],
)
def test_whether_there_is_a_value_and_how_often_may_be_asked(change: Any) -> None:
    assert with_change(change).direct_columns


def test_behind_landing_there_are_pseudonyms_only(tmp_path: Path) -> None:
    sources = yaml.safe_load(render_dbt_sources([load_source_contract(CUSTOMERS)]))
    columns = sources["sources"][0]["tables"][0]["columns"]
    classes = {c["name"]: c["config"]["meta"]["personal_data"] for c in columns if "config" in c}
    assert classes["email"] == classes["full_name"] == classes["customer_id"] == "pseudonym"
    vocabulary = tmp_path / "vocabulary.yaml"
    text = (PROJECT / "data_contracts" / "vocabulary.yaml").read_text()
    vocabulary.write_text(text.replace("personal_data: pseudonym", "personal_data: direct", 1))
    with pytest.raises(ContractError, match=r"vocabulary\.yaml: terms\.0\.personal_data"):
        load_vocabulary(vocabulary)
    mart = tmp_path / "marts" / "customers" / "int_customers__found.yml"
    mart.parent.mkdir(parents=True)
    mart.write_text("models: [{name: m, columns: [{name: email, config: {meta: {personal_data: direct}}}]}]")
    with pytest.raises(ContractError, match=r"m\.email: no model may hold direct personal data"):
        render_published(tmp_path, load_vocabulary(PROJECT / "data_contracts" / "vocabulary.yaml"))
