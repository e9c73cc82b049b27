"""Customers: whether they come back, which kinds there are, what they are expected to bring.

Does not belong here: how it is drawn (charts.py), what a segment is (segment_names.py of the domain).
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipelines.domains.customers.report.charts import (
    alive_histogram,
    cohort_heatmap,
    segment_shares,
    tenths_beside_rival,
)
from pipelines.domains.customers.report.drivers import in_words
from pipelines.reporting.language import Language
from pipelines.reporting.markup import Html, joined, table, tag
from pipelines.reporting.rivals import rival_sentence
from pipelines.reporting.sections import Context, Section, chart, empty_section, lead, note, section

# Before four weeks nobody can be silent or loyal; clusters need 90 days.
FEWEST_SEGMENT_DAYS, YOUNG_DAYS = 28, 90
FEWEST_IN_TENTHS = 10


def cohorts(context: Context) -> Section:
    """Retention by cohort; months that are not over stay blank."""
    frame, language = context.readings["cohorts"], context.language
    if frame.empty:
        return empty_section(context, "cohorts", "rpt_customers_retention")
    known = frame[(frame["age_months"] == 1) & ~frame["is_left_censored"]]
    size = known["cohort_size"].sum()
    rate = language.percent(known["n_active"].sum() / size if size else None)
    notes: list[Html | None] = [note(language.text("cohorts.note"))]
    if frame["is_left_censored"].any():
        notes.append(note(language.text("cohorts.censored")))
    sentence = lead(language.text("cohorts.lead", rate=rate)) if size else None
    body = section(context, "cohorts", sentence, chart("cohorts"), *notes)
    return Section("cohorts", body, {"cohorts": cohort_heatmap(frame, language)})


def segments(context: Context) -> Section:
    """Size beside value of each segment, what sets it apart, how stable it is."""
    frame, language = context.readings["segments"], context.language
    if frame.empty:
        return empty_section(context, "segments", "rpt_customers_segments")
    on_record = context.readings.periods[-1].span.days
    if on_record < FEWEST_SEGMENT_DAYS:
        early = {"days": language.count(on_record), "customers": language.count(frame["n_customers"].sum())}
        reason = language.text("segments.too_early", needed=FEWEST_SEGMENT_DAYS, **early)
        return Section("segments", section(context, "segments", tag("p", reason, class_="empty")))
    frame = frame.assign(label=[language.label("segment", name) for name in frame["segment"]])
    best = frame.iloc[0]
    shares = {"customers": language.percent(best["customer_share"]), "sales": language.percent(best["sales_share"])}
    head = ("segment", "drivers", "n", "recency", "frequency", "monetary")
    rows = [
        (
            row["label"],
            _portrait(row["segment"], row["drivers"], language),
            n_customers,
            language.number(row["recency_days"], 0),
            language.number(row["frequency"]),
            amount,
        )
        for row, n_customers, amount in zip(
            frame.to_dict("records"),
            language.counts(frame["n_customers"]),
            language.amounts(frame["monetary_amount"]),
            strict=True,
        )
    ]
    listed = table(language.text("segments.title"), [language.text(f"segments.{name}") for name in head], rows, texts=2)
    body = section(
        context,
        "segments",
        lead(language.text("segments.lead", segment=best["label"], **shares)),
        rival_sentence(context, "customer_segments", "all", fallback="rfm_grid"),
        tag(
            "div", tag("div", chart("segments"), note(language.text("segments.note"))), listed, class_="pair wide-right"
        ),
        note(language.text("segments.young", days=language.count(on_record))) if on_record < YOUNG_DAYS else None,
        *_segment_notes(context),
    )
    return Section("segments", body, {"segments": segment_shares(frame, language)})


def _portrait(segment: str, drivers: str | None, language: Language) -> Html:
    meaning = language.label("meaning", segment)
    first = None if meaning == segment else joined([meaning, tag("br")])
    return tag("span", first, tag("small", in_words(drivers, language)))


def _segment_notes(context: Context) -> list[Html]:
    scores, language = context.readings["scores"], context.language
    if scores.empty:
        return []
    of_model = scores[(scores["model"] == "customer_segments") & scores["is_published"]]
    values = dict(zip(of_model["measure"], of_model["value"], strict=True))
    told = []
    if "weekly_flip_rate" in values:
        told.append(language.text("segments.flip", rate=language.percent(values["weekly_flip_rate"])))
    if "bootstrap_ari" in values:
        told.append(language.text("segments.stability", value=language.number(values["bootstrap_ari"], 2)))
    return [note(language.text("sentence_separator").join(told))] if told else []


def values(context: Context) -> Section:
    """Expected amounts by tenth of customers with intervals, probability of still being a customer, the top ten."""
    frame, language = context.readings["values"], context.language
    if frame.empty:
        return empty_section(context, "value", "rpt_customers_values")
    drawn: dict[str, Any] = {}
    best = tag("div", tag("h4", language.text("value.top")), _top_customers(frame.head(10), context))
    rival = rival_sentence(context, "customer_value", "holdout", fallback="historical_rate")
    sentence = lead(_value_lead(frame, language))
    if not _has_tenths(frame):
        return Section("value", section(context, "value", sentence, rival, best), {})
    drawn["value"] = tenths_beside_rival(value_tenths(frame), language)
    tenths = tag("div", tag("h4", language.text("value.deciles")), chart("value"), note(language.text("value.note")))
    if frame["probability_alive"].notna().any():
        drawn["alive"] = alive_histogram(alive_bins(frame), language)
        alive = tag("div", tag("h4", language.text("value.alive")), chart("alive"))
        shown = (tag("div", tenths, alive, class_="pair"), best)
    else:
        shown = (tag("div", tenths, best, class_="pair wide-right"), note(language.text("value.no_alive")))
    return Section("value", section(context, "value", sentence, rival, *shown), drawn)


def _has_tenths(frame: pd.DataFrame) -> bool:
    """Whether a tenth of the customers is a customer at all, and any of them is expected to buy."""
    return len(frame) >= FEWEST_IN_TENTHS and bool((frame["expected_amount"] > 0).any())


def _value_lead(frame: pd.DataFrame, language: Language) -> str:
    total = frame["expected_amount"].sum()
    if not _has_tenths(frame):
        few = {"customers": language.count(len(frame)), "amount": language.money(total)}
        return language.text("value.lead_few", days=int(frame["horizon_days"].iloc[0]), **few)
    top = frame["expected_amount"].head(max(1, round(len(frame) / 10))).sum()
    told = [
        language.text(
            "value.lead",
            days=int(frame["horizon_days"].iloc[0]),
            customers=language.count(len(frame)),
            share=language.percent(top / total if total else None, 0),
        )
    ]
    if frame["probability_alive"].notna().any():
        told.append(language.text("value.alive_lead", alive=language.count(round(frame["probability_alive"].sum()))))
    return language.text("sentence_separator").join(told)


def _top_customers(best: pd.DataFrame, context: Context) -> Html:
    language = context.language
    # One unit for the three columns, so that an interval and what lies in it can be compared.
    columns = ["expected_amount", "lower", "upper"]
    amounts = language.amounts(best[columns].to_numpy().ravel())
    has_segments = context.readings.periods[-1].span.days >= FEWEST_SEGMENT_DAYS
    names = ["value.customer", "segments.segment", "value.expected", "value.interval", "value.purchases"]
    rows = [
        [
            str(row["customer_id"]),
            language.label("segment", row["segment"]),
            expected,
            f"{lower} – {upper}",
            language.number(row["expected_purchases"]),
        ]
        for row, expected, lower, upper in zip(
            best.to_dict("records"), amounts[::3], amounts[1::3], amounts[2::3], strict=True
        )
    ]
    if not has_segments:
        names.remove("segments.segment")
        rows = [[row[0], *row[2:]] for row in rows]
    if best["probability_alive"].notna().any():
        names.append("value.probability")
        for row, share in zip(rows, best["probability_alive"], strict=True):
            row.append(language.percent(share, 0))
    return table(language.text("value.top"), [language.text(name) for name in names], rows, texts=1 + has_segments)


def value_tenths(frame: pd.DataFrame) -> pd.DataFrame:
    """Means per tenth of the customers, ordered by expected amount; fewer customers than ten give fewer rows."""
    tenth = (10 * pd.RangeIndex(len(frame)).to_series(index=frame.index) // len(frame)).astype(int) + 1
    columns = {"expected": "expected_amount", "lower": "lower", "upper": "upper", "naive": "naive_amount"}
    means = frame.assign(tenth=tenth).groupby("tenth")[list(columns.values())].mean()
    return means.set_axis(list(columns), axis=1).reset_index()


def alive_bins(frame: pd.DataFrame) -> pd.DataFrame:
    """Number of customers per tenth of the probability scale, empty ones included."""
    found = (frame["probability_alive"].dropna() * 10).clip(0, 9.999).astype(int).value_counts()
    return pd.DataFrame({"bin": range(10), "n": [int(found.get(number, 0)) for number in range(10)]})
