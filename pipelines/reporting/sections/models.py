"""How far the models can be relied on: stored forecasts that met their day, model cards, rivals."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipelines.modeling.cards import ModelCard
from pipelines.reporting import charts
from pipelines.reporting.language import Language
from pipelines.reporting.markup import Html, table, tag
from pipelines.reporting.sections.frame import Context, Section, chart, empty_section, lead, note, section

ACCURACY = ("wape", "bias", "pinball", "share_below_q10", "share_above_q90")
FIELDS = ("purpose", "data", "method", "rivals", "calibration", "not_for")
# What each model is called among its methods, and the measure that is drawn (lower is better).
OWN_METHOD = {"demand_forecast": "lightgbm", "customer_segments": "kmeans", "customer_value": "bg_nbd"}
DRAWN_MEASURE = {"demand_forecast": "pinball", "customer_value": "mae"}
_PERCENT = {"wape", "bias", "share_below_q10", "share_above_q90", "interval_coverage", "weekly_flip_rate",
            "weekly_flip_rate_undamped"}  # fmt: skip
_COUNTS = {"n_scored"}


def accuracy(context: Context) -> Section:
    """What was promised against what came, per method."""
    frame, language = context.readings["accuracy"], context.language
    if frame.empty:
        return empty_section(context, "accuracy", "rpt_inventory_forecast_accuracy")
    span = {"first": language.date(frame["first"].min().date()), "last": language.date(frame["last"].max().date())}
    rows = []
    for row in frame.to_dict("records"):
        measures = [_score(name, row[name], language) for name in ACCURACY]
        method = _method(row["method"], bool(row["is_published"]), language)
        rows.append((language.label("subject", row["subject"]), method, language.count(row["n"]), *measures))
    names = ["accuracy.subject", "accuracy.method", "accuracy.n", *(f"measure.{name}" for name in ACCURACY)]
    listed = table(language.text("accuracy.title"), [language.text(name) for name in names], rows, texts=2)
    promised = context.readings["promised"]
    drawn: dict[str, Any] = {}
    picture: list[Html] = []
    if len(promised) > 1:
        drawn["promised"] = charts.promised_and_came(promised, language)
        picture = [tag("h3", language.text("accuracy.chart")), chart("promised")]
    sentence = lead(language.text("accuracy.lead", days=language.count(frame["days"].max()), **span))
    body = section(context, "accuracy", sentence, *picture, listed, note(language.text("accuracy.note")))
    return Section("accuracy", body, drawn)


def cards(context: Context) -> Section:
    """Each model's card beside its scores."""
    if not context.cards:
        return empty_section(context, "cards")
    drawn: dict[str, Any] = {}
    written = [_card(card, context, drawn) for card in context.cards]
    body = section(context, "cards", lead(context.language.text("cards.lead")), *written)
    return Section("cards", body, drawn)


def _card(card: ModelCard, context: Context, drawn: dict[str, Any]) -> Html:
    language, scores = context.language, context.readings["scores"]
    told = []
    for name in FIELDS:
        told += [tag("dt", language.text(f"cards.{name}")), tag("dd", getattr(card, name).get(language.code))]
    words = tag("dl", *told, class_="card-text")
    own = scores[scores["model"] == card.model] if not scores.empty else scores
    if own.empty:
        figures: list[Html] = [tag("p", language.text("cards.no_scores"), class_="empty")]
    else:
        day = language.date(pd.Timestamp(own["as_of_date"].max()).date())
        figures = [note(language.text("cards.as_of", day=day))]
        for subject, group in own.groupby("subject", sort=True):
            figures += _subject(card.model, str(subject), group, context, drawn)
    heading = tag("h3", card.title.get(language.code))
    return tag("article", heading, tag("div", words, tag("div", *figures), class_="pair"), class_="card")


def _subject(model: str, subject: str, group: pd.DataFrame, context: Context, drawn: dict[str, Any]) -> list[Html]:
    language = context.language
    label = language.label("subject", subject)
    found: list[Html] = [tag("h4", label)]
    published = [str(method) for method in group.loc[group["is_published"], "method"].unique()]
    measure = DRAWN_MEASURE.get(model)
    methods = group[group["measure"] == measure].sort_values(["value", "method"])
    if published and len(methods) > 1:
        own = OWN_METHOD.get(model, published[0])
        key = "cards.model_published" if published[0] == own else "cards.rival_published"
        said = language.text(key, subject=label, method=language.label("method", published[0]))
        found.append(tag("p", said, class_="published" if published[0] == own else "published rival"))
        name = f"scores-{model}-{subject}"
        drawn[name] = charts.model_scores(_bars(methods, language), language, title=language.text(f"measure.{measure}"))
        found += [note(language.text(f"measure.{measure}")), chart(name)]
    return [*found, _score_table(group, label, language)]


def _bars(methods: pd.DataFrame, language: Language) -> pd.DataFrame:
    return methods.assign(
        label=[language.label("method", method) for method in methods["method"]],
        text=[_score(measure, value, language) for measure, value in zip(methods["measure"], methods["value"], strict=True)],
    )


def _score_table(group: pd.DataFrame, label: str, language: Language) -> Html:
    measures = [name for name in _order(language) if name in set(group["measure"])]
    measures += sorted(set(group["measure"]) - set(measures))
    values = {(row["method"], row["measure"]): row["value"] for row in group.to_dict("records")}
    methods = list(dict.fromkeys(group.sort_values(["is_published", "method"], ascending=[False, True])["method"]))
    published = set(group.loc[group["is_published"], "method"])
    if len(methods) == 1:
        rows: list[tuple[str, ...]] = [
            (language.label("measure", name), _score(name, values[methods[0], name], language)) for name in measures
        ]
        return table(label, [language.text("cards.scores"), language.label("method", methods[0])], rows)
    rows = [
        (
            _method(method, method in published, language),
            *(_score(name, values.get((method, name)), language) for name in measures),
        )
        for method in methods
    ]
    head = [language.text("accuracy.method"), *(language.label("measure", name) for name in measures)]
    return table(label, head, rows)


def _order(language: Language) -> list[str]:
    return ["pinball", "mae", "rmse", *ACCURACY[:2], "share_below_q10", "share_above_q90", "interval_coverage",
            "bootstrap_ari", "weekly_flip_rate", "weekly_flip_rate_undamped", "n_scored"]  # fmt: skip


def _method(method: str, is_published: bool, language: Language) -> str:
    label = language.label("method", method)
    if not is_published:
        return label
    return tag("span", tag("strong", label), tag("small", f" {language.text('accuracy.published')}", class_="badge"))


def _score(measure: str, value: float | None, language: Language) -> str:
    if measure in _PERCENT:
        return language.percent(value)
    if measure in _COUNTS or (value is not None and abs(value) >= 1000):
        return language.count(value)
    return language.number(value, 2)
