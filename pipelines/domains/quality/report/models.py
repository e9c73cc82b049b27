"""How far the models can be relied on: stored forecasts that met their day, model cards, rivals.

They stand together on this page, whichever domain a model is of: whoever doubts a number looks for all of them in one
place. Does not belong here: the cards themselves, which come with the models.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipelines.domains.quality.report.charts import model_scores, promised_and_came
from pipelines.modeling.cards import PARTS, ModelCard
from pipelines.reporting.language import Language
from pipelines.reporting.markup import Html, table, tag
from pipelines.reporting.rivals import published_sentence
from pipelines.reporting.sections import Context, Section, chart, empty_section, lead, note, section

ACCURACY = ("wape", "bias", "pinball", "share_below_q10", "share_above_q90")
# Shown from this number of scored days on.
OF_DAYS, FEWEST_DAYS = ("share_below_q10", "share_above_q90"), 10
# In the order of the table; others follow by name.
MEASURES = ("pinball", "mae", "rmse", "wape", "bias", "share_below_q10", "share_above_q90", "amount_mae", "amount_bias",
            "interval_coverage", "share_below_lower", "share_above_upper", "bootstrap_ari", "bootstrap_ari_lowest",
            "weekly_flip_rate", "weekly_flip_rate_undamped", "silhouette", "description_accuracy", "n_segments",
            "n_scored")  # fmt: skip
_SHARES = {"wape", "interval_coverage", "weekly_flip_rate", "weekly_flip_rate_undamped", "description_accuracy"}


def accuracy(context: Context) -> Section:
    """What was promised against what came, per method."""
    frame, language = context.readings["accuracy"], context.language
    if frame.empty:
        return empty_section(context, "accuracy", "rpt_inventory_forecast_accuracy")
    span = {"first": language.date(frame["first"].min().date()), "last": language.date(frame["last"].max().date())}
    rows = []
    for row, scored in zip(frame.to_dict("records"), language.counts(frame["n"]), strict=True):
        # Shares of a day or two are all or nothing: "100 % below" would be said of one revenue.
        known = {name: None if name in OF_DAYS and row["days"] < FEWEST_DAYS else row[name] for name in ACCURACY}
        measures = [_score(name, known[name], language) for name in ACCURACY]
        method = _method(row["method"], bool(row["is_published"]), language)
        rows.append((language.label("subject", row["subject"]), method, scored, *measures))
    names = ["accuracy.subject", "accuracy.method", "accuracy.n", *(f"measure.{name}" for name in ACCURACY)]
    listed = table(language.text("accuracy.title"), [language.text(name) for name in names], rows, texts=2)
    promised = context.readings["promised"]
    drawn: dict[str, Any] = {}
    picture: list[Html] = []
    if len(promised) > 1:
        drawn["promised"] = promised_and_came(promised, language)
        picture = [tag("h4", language.text("accuracy.chart")), chart("promised")]
    sentence = lead(language.text("accuracy.lead", days=language.count(frame["days"].max()), **span))
    few = note(language.text("accuracy.few", n=FEWEST_DAYS)) if frame["days"].min() < FEWEST_DAYS else None
    body = section(context, "accuracy", sentence, *picture, listed, few, note(language.text("accuracy.note")))
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
    for name, heading in PARTS:
        words = (tag("dt", heading.get(language.code)), tag("dd", getattr(card, name).get(language.code)))
        told.append(tag("div", *words, class_="caution" if name == "not_for" else None))
    own = scores[scores["model"] == card.model] if not scores.empty else scores
    if own.empty:
        figures: list[Html] = [tag("p", language.text("cards.no_scores"), class_="empty")]
    else:
        day = language.date(pd.Timestamp(own["as_of_date"].max()).date())
        figures = [
            tag("div", *_subject(card.model, str(subject), group, context, drawn), class_="subject")
            for subject, group in own.groupby("subject", sort=True)
        ]
        figures.append(note(language.text("cards.as_of", day=day)))
    title = tag("h4", card.title.get(language.code))
    return tag("article", title, tag("dl", *told, class_="card-text"), *figures, class_="card")


def _subject(
    model: str, subject: str, group: pd.DataFrame, context: Context, drawn: dict[str, Any]
) -> list[Html | None]:
    language = context.language
    label = language.label("subject", subject)
    heading = tag("h5", label)
    sentence = published_sentence(context, model, subject)
    measure = context.models[model].drawn_measure if model in context.models else None
    methods = group[group["measure"] == measure].sort_values(["value", "method"])
    order = list(dict.fromkeys([*methods["method"], *group.sort_values(["is_published", "method"])["method"][::-1]]))
    scores = _score_table(group, order, label, language)
    if len(methods) < 2:
        return [heading, sentence, scores]
    name = f"scores-{model}-{subject}"
    drawn[name] = model_scores(_bars(methods, language), language, title=language.text(f"measure.{measure}"))
    bars = tag("div", tag("p", language.text(f"measure.{measure}"), class_="note measure"), chart(name))
    return [heading, sentence, tag("div", bars, scores, class_="pair")]


def _bars(methods: pd.DataFrame, language: Language) -> pd.DataFrame:
    return methods.assign(
        label=[_capital(language.label("method", method)) for method in methods["method"]],
        text=[
            _score(measure, value, language)
            for measure, value in zip(methods["measure"], methods["value"], strict=True)
        ],
    )


def _score_table(group: pd.DataFrame, methods: list[str], label: str, language: Language) -> Html:
    """Measures as rows, methods as columns."""
    found = set(group["measure"])
    measures = [name for name in MEASURES if name in found]
    measures += sorted(found - set(measures))
    values = {(row["method"], row["measure"]): row["value"] for row in group.to_dict("records")}
    published = set(group.loc[group["is_published"], "method"])
    rows = [
        (language.label("measure", name), *(_score(name, values.get((method, name)), language) for method in methods))
        for name in measures
    ]
    head = [language.text("cards.scores"), *(_method(method, method in published, language) for method in methods)]
    return table(label, head, rows)


def _method(method: str, is_published: bool, language: Language) -> str:
    label = language.label("method", method)
    if not is_published:
        return label
    return tag("span", tag("strong", label), " ", tag("small", language.text("accuracy.published"), class_="badge"))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _score(measure: str, value: float | None, language: Language) -> str:
    if measure in _SHARES or measure.endswith("bias") or measure.startswith("share_"):
        return language.percent(value)
    if measure.startswith("n_") or (value is not None and abs(value) >= 1000):
        return language.counts([value])[0]
    return language.number(value, 2)
