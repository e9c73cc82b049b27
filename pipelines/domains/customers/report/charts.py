"""Charts of the page on customers: cohorts, segments, expected value.

Does not belong here: which frames are drawn (sections.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipelines.reporting.charts.theme import BLUE, GREY, INK, NARROW, ORANGE, SKY, in_series, short_number, styled
from pipelines.reporting.language import Language

if TYPE_CHECKING:
    import altair as alt


def cohort_heatmap(cohorts: pd.DataFrame, language: Language) -> alt.TopLevelMixin:
    """Retention by month of the first order and months since; cells that are not in the frame stay blank.

    `cohorts` (cohort_month, age_months): cohort_size, n_active, retention_rate, is_left_censored.
    """
    import altair as alt

    starts = pd.to_datetime(cohorts["cohort_month"]).dt.strftime("%Y-%m")
    stars = cohorts["is_left_censored"].map({True: " *", False: ""})
    sizes = [language.count(size) for size in cohorts["cohort_size"]]
    frame = cohorts.assign(cohort=[f"{m}{s} · {n}" for m, s, n in zip(starts, stars, sizes, strict=True)])
    frame = frame[["cohort", "age_months", "cohort_size", "n_active", "retention_rate"]]
    top = max(float(frame["retention_rate"].max()), 0.01)
    base = alt.Chart(frame).encode(
        x=alt.X(
            "age_months:O", title=language.text("cohorts.age"), axis=alt.Axis(labelAngle=0, domain=False, ticks=False)
        ),
        y=alt.Y("cohort:N", title=None, axis=alt.Axis(domain=False, ticks=False, labelColor=INK, labelLimit=140)),
        tooltip=_cohort_tips(language),
    )
    colour = alt.Color(
        "retention_rate:Q",
        scale=alt.Scale(domain=[0, top], range=["#f3f8fc", "#cfe1f1", SKY, "#4a8bc2", BLUE]),
        legend=None,
    )
    cells = base.mark_rect(stroke="white", strokeWidth=2, cornerRadius=3).encode(color=colour)
    numbers = base.mark_text(fontSize=alt.ExprRef(f"width < {NARROW} ? 8.5 : 11.5")).encode(
        text=alt.Text("label:N"),
        color=alt.condition(f"datum.retention_rate > {0.68 * top}", alt.value("white"), alt.value(INK)),
    )
    numbers = numbers.transform_calculate(
        label=f"format(100 * datum.retention_rate, '.0f') + (width < {NARROW} ? '' : '%')"
    )
    return styled(alt.layer(cells, numbers), language.text("cohorts.title"), 28 * frame["cohort"].nunique())


def _cohort_tips(language: Language) -> list[alt.Tooltip]:
    import altair as alt

    return [
        alt.Tooltip("cohort:N", title=language.text("cohorts.cohort")),
        alt.Tooltip("age_months:O", title=language.text("cohorts.age")),
        alt.Tooltip("retention_rate:Q", title=language.text("cohorts.rate"), format=".1%"),
        alt.Tooltip("n_active:Q", title=language.text("cohorts.active"), format=","),
        alt.Tooltip("cohort_size:Q", title=language.text("cohorts.size"), format=","),
    ]


def segment_shares(segments: pd.DataFrame, language: Language) -> alt.TopLevelMixin:
    """Shares of customers and of net sales. `segments` (segment), in order: label, customer_share, sales_share."""
    import altair as alt

    names = [language.text("segments.customers"), language.text("segments.sales")]
    order = list(segments["label"])
    rows = pd.concat(
        segments[["label"]].assign(what=name, share=segments[column].astype(float), place=place)
        for place, (name, column) in enumerate(zip(names, ("customer_share", "sales_share"), strict=True))
    )
    rows["text"] = [language.percent(share, 0) for share in rows["share"]]
    base = alt.Chart(rows).encode(
        y=alt.Y("label:N", sort=order, title=None,
                axis=alt.Axis(domain=False, ticks=False, labelColor=INK, labelFontSize=12.5, labelLimit=130)),
        yOffset=alt.YOffset("what:N", sort=names, scale=alt.Scale(paddingInner=0.08)),
        x=alt.X("share:Q", title=None, axis=alt.Axis(format=".0%", tickCount=4),
                scale=alt.Scale(domain=[0, min(1.0, 1.12 * float(rows["share"].max()))])),
        tooltip=[alt.Tooltip("label:N", title=language.text("segments.segment")),
                 alt.Tooltip("what:N", title=" "), alt.Tooltip("share:Q", title="%", format=".1%")],
    )  # fmt: skip
    colour = alt.Color("what:N", sort=names, scale=alt.Scale(domain=names, range=[SKY, BLUE]), legend=alt.Legend())
    bars = base.mark_bar().encode(color=colour)
    shares = base.mark_text(align="left", dx=4, fontSize=11, color=INK).encode(text=alt.Text("text:N"))
    return styled(alt.layer(bars, shares), language.text("segments.title"), 46 * len(segments))


def tenths_beside_rival(tenths: pd.DataFrame, language: Language) -> alt.TopLevelMixin:
    """Mean expected amount per tenth of customers beside a rival. `tenths` (tenth): expected, lower, upper, naive."""
    import altair as alt

    expected, interval, naive = (language.text(f"value.{name}") for name in ("expected", "interval", "naive"))
    # The rival is not drawn where it is itself what is published.
    is_rival = bool((tenths["naive"] - tenths["expected"]).abs().max() <= 1e-9 * tenths["expected"].abs().max())
    names = [expected, interval] if is_rival else [expected, interval, naive]
    colours = alt.Scale(domain=names, range=[SKY, BLUE, ORANGE][: len(names)])
    axis = alt.Axis(labelExpr=short_number(language, symbol=language.symbol))
    x = alt.X(
        "tenth:O", title=language.text("value.decile_axis"), axis=alt.Axis(labelAngle=0, domain=False, ticks=False)
    )
    tips = [alt.Tooltip("tenth:O", title=language.text("value.decile_axis"))]
    titles = {"expected": expected, "lower": "10 %", "upper": "90 %", **({} if is_rival else {"naive": naive})}
    tips += [alt.Tooltip(f"{name}:Q", title=title, format=",.0f") for name, title in titles.items()]
    base = alt.Chart(tenths).encode(x=x, tooltip=tips)
    legend = alt.Legend(columns=alt.ExprRef("width < 360 ? 1 : 3"))
    y = alt.Y("expected:Q", title=language.text("value.amount_axis"), axis=axis)
    bars = in_series(base.mark_bar(width={"band": 0.7}), expected, colours, legend).encode(y=y)
    spans = in_series(base.mark_rule(strokeWidth=2.2), interval, colours, legend).encode(
        y=alt.Y("lower:Q"), y2=alt.Y2("upper:Q")
    )
    rival = base.mark_point(size=55, strokeWidth=1.8, filled=False)
    rival = in_series(rival, naive, colours, legend).encode(y=alt.Y("naive:Q"))
    layers = [bars, spans] if is_rival else [bars, spans, rival]
    return styled(alt.layer(*layers), language.text("value.deciles"), 250)


def alive_histogram(customers: pd.DataFrame, language: Language) -> alt.TopLevelMixin:
    """Number of customers by probability of still being one. `customers` (bin 0..9): n."""
    import altair as alt

    frame = customers.assign(low=customers["bin"] / 10, high=(customers["bin"] + 1) / 10)
    chart = alt.Chart(frame).mark_bar(color=SKY, stroke="white").encode(
        x=alt.X("low:Q", title=language.text("value.alive_axis"), bin="binned",
                axis=alt.Axis(format=".0%", tickCount=5, grid=False)),
        x2=alt.X2("high:Q"),
        y=alt.Y("n:Q", title=language.text("value.customers_axis"), axis=alt.Axis(labelExpr=short_number(language))),
        tooltip=[alt.Tooltip("low:Q", title="≥", format=".0%"), alt.Tooltip("high:Q", title="<", format=".0%"),
                 alt.Tooltip("n:Q", title=language.text("value.customers_axis"), format=",")],
        color=alt.condition("datum.low >= 0.5", alt.value(BLUE), alt.value(GREY)),
    )  # fmt: skip
    return styled(chart, language.text("value.alive"), 250)
