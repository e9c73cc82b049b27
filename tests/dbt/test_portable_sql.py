"""The lint of portable SQL: every rule finds its offender and leaves its innocent alone, in SQL that dbt compiled."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from linters.portable_sql import shapes, words  # noqa: F401  they register their rules
from linters.portable_sql.columns import Relation
from linters.portable_sql.compiled import ENGINES, compiled_models
from linters.portable_sql.judging import check
from linters.portable_sql.kinds import MACROS
from linters.portable_sql.reading import CompiledModel
from linters.portable_sql.rules import RULES, UNREADABLE, UNUSED
from pipelines.settings.environment import PROJECT_ROOT, Settings, load_settings

# What `t` is documented as, whose key is (k, day).
T = Relation(
    {"k": "text", "day": "date", "at": "moment", "d": "double", "m": "decimal", "n": "integer", "list": None},
    frozenset([frozenset({"k", "day"})]),
)

# Rule -> (SQL that breaks it and what the message must name), (SQL that does not).
CASES: dict[str, tuple[list[tuple[str, str]], list[str]]] = {
    "function": (
        [
            ("select epoch(at) as x from t", "hours_between"),
            ("select hash(k) as x from t", "md5"),
            ("select unnest(list) as x from t", "items_of"),
            ("select list_filter(list, 1) as x from t", "sorted_list"),
            ("select arg_min(n, day) as x from t", "row_number()"),
            ("select x from generate_series(1, 5) as s (x)", "dim_dates"),
            ("select range(5) as x from t", "dim_dates"),
            ("select dayofweek(day) as x from t", "weekday"),
            ("select quantile_cont(d, 0.5) as x from t", "median"),
            ("select median(d) as x, Quantile_Cont (d, 0.5) as y from t", "median"),
            ("select string_agg(k) as x from t", "sorted_list"),
            ("select datediff('day', day, day) as x from t", "days_between"),
            ("select concat(k, k) as x from t", "||"),
            ("select now() as x from t", "clock"),
            ("select jaro_similarity(k, k) as x from t", "macros/engines"),
        ],
        [
            "select 'epoch(at)' as x from t -- epoch(at)",
            "select hours_between(at, at) as x from t cross join items_of(list, rule)",
            "select count(*) filter (where n in (1, 2)) as x from t as u (k) where exists (select 1 as y from t)",
            "with epoch as (select n from t) select n from epoch",
        ],
    ),
    "clock": ([("select current_date as x from t", "ledger")], ["select 'current_date' as x, day from t"]),
    "by-all": (
        [
            ("select k, count(*) as n from t group by all", "names"),
            ("select k from t order by all", "names"),
        ],
        ["select k, count(*) as n from t group by k union all select k, n from t"],
    ),
    "interval": (
        [("select cast(day + interval 7 days as date) as x from t", "'7 days'")],
        ["select cast(day + interval '7 days' as date) as x from t"],
    ),
    "cast-sign": ([("select n::text as x from t", "cast(")], ["select '::' as x, cast(n as string) as y from t"]),
    "whole-division": ([("select n // 2 as x from t", "floor")], ["select n - 2 as x from t"]),
    "power-sign": (
        [("select n ** 2 as x from t", "power"), ("select n ^ 2 as x from t", "bitwise")],
        ["select power(n, 2) as x from t"],
    ),
    "lambda": ([("select list_filter(list, e -> e > 1) as x from t", "items_of")], ["select n from t where n > 1"]),
    "list": ([("select list[1] as x from t", "items_of")], ["select '[1]' as x from t"]),
    "struct": ([("select {'a': 1} as x from t", "column for each")], ["select '{a}' as x from t"]),
    "relation": (
        [("select t.n from t asof join t as u on t.k = u.k and t.at >= u.at", "equal keys")],
        ["select t.n from t inner join t as u on t.k = u.k"],
    ),
    "qualify": (
        [("select k from t qualify row_number() over (partition by k order by day) = 1", "where")],
        ["select k from t where n = 1"],
    ),
    "star": (
        [("select * exclude (k) from t", "names"), ("select * replace (1 as k) from t", "names")],
        ["select * from t", "select t.*, replace(k, 'a', 'b') as x from t"],
    ),
    "distinct-on": ([("select distinct on (k) k, n from t", "row_number")], ["select distinct k, n from t"]),
    "extract": (
        [
            ("select extract(dow from day) as x from t", "weekday"),
            ("select extract(epoch from at) as x from t", "hours"),
        ],
        ["select cast(extract(year from day) as integer) as x from t"],
    ),
    "time-zone": ([("select at at time zone 'UTC' as x from t", "shop_date")], ["select shop_date(at) as x from t"]),
    "date-difference": (
        [
            ("select day - day as x from t", "days_between"),
            ("with u as (select cast(k as date) as e, day from t) select day - e as x from u", "days_between"),
        ],
        ["select n - n as x, days_between(day, day) - 1 as y from t"],
    ),
    "shifted-date": (
        [
            ("select day - interval '1 day' as x from t", "as date"),
            ("select date_trunc('week', day) as x from t", "as date"),
        ],
        [
            "select cast(date_trunc('week', day) - interval '1 day' as date) as x from t",
            "select n from t where day > day - interval '7 days'",
        ],
    ),
    "division": (
        [
            ("select m / n as x from t", "as double"),
            ("select n / 7.0 as x from t", "as double"),
            ("with u as (select cast(d as decimal(8, 2)) as d from t) select d / 2 as x from u", "as double"),
        ],
        [
            "select cast(m as double) / nullif(n, 0) as x, d / n as y, n / 3.6e9 as z from t",
            "with u as (select cast(m as double) as m from t) select u.m / n as x from u cross join t",
            "with u as (select case when n > 0 then d end as e from t) select e / 2 as x from u",
            "select x / 2 as y from (select sum(d) as x from t union all select n from t) as u",
        ],
    ),
    "decimal": (
        [
            ("select cast(d as decimal(18, 4)) as x from t", "double_to_decimal"),
            ("select cast(coalesce(-(d * 2), 0) as decimal(18, 4)) as x from t", "double_to_decimal"),
            ("select cast(cast(m as double) / 3 as decimal(18, 4)) as x from t", "double_to_decimal"),
            ("select try_cast(ln(n) as decimal(18, 4)) as x from t", "double_to_decimal"),
        ],
        [
            "select double_to_decimal(d, 18, 4) as x, cast(m as decimal(18, 4)) as y from t",
            "select cast(k as decimal(18, 4)) as x, cast(cast(sum(m) as decimal(38, 4)) as double) as y from t",
        ],
    ),
    "integer": (
        [
            ("select cast(d as integer) as x from t", "floor"),
            ("select cast(m * 10 as bigint) as x from t", "floor"),
        ],
        ["select cast(floor(d) * 10 as integer) as x, cast(k as integer) as y, cast(n as bigint) as z from t"],
    ),
    "round": (
        [("select round(d, 4) as x from t", "rounded"), ("select round(unknown, 4) as x from t", "rounded")],
        ["select round(m, 2) as x, round(cast(k as decimal(18, 4)), 2) as y, rounded(d, 4) as z from t"],
    ),
    "text": (
        [
            ("select cast(d as string) as x from t", "double_as_text"),
            ("select k || d as x from t", "double_as_text"),
        ],
        ["select cast(n as string) || double_as_text(d, 4) || cast(m as string) as x from t"],
    ),
    "replaced-text": (
        [("select regexp_replace(k, '[.]', '') as x from t", "ends with $")],
        ["select regexp_replace(k, '[.]0$', '') as x, regexp_replace(k, '^A', '') as y from t"],
    ),
    "aggregate": (
        [
            ("select sum(n) as x from t", "as bigint"),
            ("select coalesce(sum(m) filter (where n > 1), 0) as x from t", "decimal"),
            ("select sum(n) over (partition by k) as x from t", "as bigint"),
            ("select avg(cast(m as double)) as x from t", "as double"),
            # The cast around is of another select.
            ("select cast((select sum(n) as y from t) as bigint) as x from t", "as bigint"),
        ],
        [
            "select cast(coalesce(-sum(m) filter (where n > 1), 0) as decimal(18, 4)) as x, count(*) as y from t",
            "select k from t group by k having sum(n) > 5",
        ],
    ),
    "average": (
        [
            ("select cast(avg(m) as double) as x from t", "inside"),
            ("select median(n) as x from t", "inside"),
        ],
        ["select cast(avg(d) as double) as x, median(cast(n as double)) as y from t"],
    ),
    "sum-of-doubles": (
        [
            ("select cast(sum(d) as double) as x from t", "division"),
            ("select cast(sum(case when n > 1 then n * d else 0 end) as double) as x from t", "division"),
        ],
        ["select cast(sum(m) as double) / count(*) as x, cast(sum(case when d > 1 then n end) as bigint) as y from t"],
    ),
    "window-median": (
        [
            ("select median(d) over (order by n desc range between 8 preceding and 1 preceding) as x from t", "group"),
            ("select median(d) filter (where n > 1) over (partition by k) as x from t", "group"),
        ],
        ["select k, median(d) as x from t group by k"],
    ),
    "row-order": (
        [
            ("select row_number() over (partition by k order by n desc) as x from t", "unique key"),
            ("select row_number() over (partition by k) as x from t", "unique key"),
            ("select lag(n) over w as x from t window w as (partition by k order by n desc)", "unique key"),
            ("select count(*) over (order by n desc rows between 1 preceding and current row) as x from t", "unique"),
            # A key of something else that the model reads is none here.
            (
                "with u as (select k, max(n) as n from t group by k), v as (select n as k, k as n from t)"
                " select row_number() over (partition by n order by k desc) as x from v where k in (select u.k from u)",
                "unique key",
            ),
        ],
        [
            "select row_number() over (partition by k order by day) as x from t",
            "select row_number() over (partition by k order by n desc, day desc) as x from t",
            "select lead(n) over w as x from t window w as (partition by k order by day desc)",
            "select rank() over (partition by k order by n desc) as x from t",
            "with u as (select n, count(*) as c from t group by n) select lag(c) over (order by n desc) as x from u",
            "select n, row_number() over (order by n desc) as x from t group by n",
        ],
    ),
    "nulls": (
        [
            ("select rank() over (order by n) as x from t", "nulls last"),
            ("select rank() over (order by k, abs(n)) as x from t", "nulls last"),
        ],
        [
            "select rank() over (order by n nulls last) as x, rank() over (order by n nulls first) as y from t",
            "select rank() over (order by n desc) as x, rank() over (order by k, coalesce(n, 0)) as y from t",
            "with u as (select n, count(*) as c from t group by n) select rank() over (order by c) as x from u",
        ],
    ),
}


def rules_broken(sql: str) -> dict[str, str]:
    model = CompiledModel("planted", "models/planted.sql", sql, sql, {"t": T})
    return {finding.rule: finding.what for finding in check(model).findings}


def test_every_rule_has_an_offender_and_an_innocent() -> None:
    assert set(CASES) == set(RULES)
    assert all(offenders and innocents for offenders, innocents in CASES.values())


@pytest.mark.parametrize(("rule", "sql", "instead"), [(r, *case) for r, (bad, _) in CASES.items() for case in bad])
def test_an_offender_is_found_and_told_what_to_use(rule: str, sql: str, instead: str) -> None:
    assert instead in rules_broken(sql)[rule].partition("; use ")[2]


@pytest.mark.parametrize(("rule", "sql"), [(r, sql) for r, (_, good) in CASES.items() for sql in good])
def test_an_innocent_is_left_alone(rule: str, sql: str) -> None:
    assert rule not in rules_broken(sql)


def test_an_exception_holds_for_its_line_and_its_rule_with_a_reason_and_only_while_it_is_needed() -> None:
    sql = "select\n    {} sum(n) as x, {}\n    n // 2 as y\nfrom t"
    assert set(rules_broken(sql.format("", ""))) == {"aggregate", "whole-division"}
    covered = sql.format("", "-- portable: aggregate: there is one row")
    assert set(rules_broken(covered)) == {"whole-division"}
    above = sql.format("-- portable: aggregate: there is one row\n", "")
    assert set(rules_broken(above)) == {"whole-division"}
    assert set(rules_broken(sql.format("", "-- portable: aggregate: because"))) == {"aggregate", "whole-division"}
    assert set(rules_broken(sql.format("", "-- portable: round: a reason of another"))) >= {"aggregate", UNUSED}
    assert UNUSED in rules_broken("select n from t -- portable: aggregate: nothing is wrong")
    in_text = "select '-- portable: aggregate: a text only' as x, sum(n) as y from t"
    assert set(rules_broken(in_text)) == {"aggregate"}


def test_what_cannot_be_parsed_is_a_finding() -> None:
    assert set(rules_broken("select from where (")) == {UNREADABLE}


def test_the_macros_of_the_engines_are_known_and_have_a_form_for_each() -> None:
    texts = [file.read_text() for file in (PROJECT_ROOT / "dbt_project" / ENGINES).glob("*.sql")]
    named = {name for text in texts for name in re.findall(r"{%-? macro (\w+)\(", text)}
    assert {name for name in named if "__" not in name} == set(MACROS)
    dispatched = {name for text in texts for name in re.findall(r"adapter.dispatch\('(\w+)'\)", text)}
    assert {name for name in named if "__" in name} == {
        f"{engine}__{name}" for name in dispatched for engine in ("default", "spark")
    }


@pytest.mark.slow
def test_what_is_planted_in_the_project_is_found_at_its_line_and_nothing_else_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "dbt_project"
    shutil.copytree(PROJECT_ROOT / "dbt_project", project, ignore=shutil.ignore_patterns("target", "logs"))
    planted = project / "models/marts/customers/customer_days.sql"
    planted.write_text(planted.read_text().replace("count(distinct product_id)", "epoch(ordered_date)"))
    line = next(no for no, text in enumerate(planted.read_text().splitlines(), 1) if "epoch(" in text)
    monkeypatch.setattr(Settings, "dbt_project_dir", project)  # shop and contracts stay those of the project
    settings = load_settings("online_retail", tmp_path / "home", environment={})
    models = {model.name: model for model in compiled_models(settings)}
    findings = [finding for model in models.values() for finding in check(model).findings]
    assert [(f.path, f.place, f.rule) for f in findings] == [
        ("dbt_project/models/marts/customers/customer_days.sql", str(line), "function")
    ]
    assert "days_between(last_ordered_date, as_of_date)" in models["rfm_snapshots"].sql
    assert "double_to_decimal(" in models["kpi_daily"].sql
