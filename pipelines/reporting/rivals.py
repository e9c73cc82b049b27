"""Which method stands in what is published: the model itself or one of its rivals (baselines).

Belongs here: the sentence, which every page that shows a model's numbers says alike. Does not belong here: scores
(the page on quality), what a model is called among its methods (`Page.models` of its domain).
"""

from __future__ import annotations

from pipelines.reporting.markup import Html, tag
from pipelines.reporting.readings import SCORES
from pipelines.reporting.sections import Context, note


def published_sentence(context: Context, model: str, subject: str) -> Html | None:
    """Says which of several methods is published, or that a rival is because the model could not be made; None when
    nothing was scored, or the model alone."""
    scores, language = context.readings["scores"], context.language
    if scores.empty:
        return None
    of_subject = scores[(scores["model"] == model) & (scores["subject"] == subject)]
    published = of_subject.loc[of_subject["is_published"], "method"]
    if published.empty:
        return None
    method, has_rivals = str(published.iloc[0]), of_subject["method"].nunique() > 1
    is_own = model not in context.models or method == context.models[model].method
    if is_own and not has_rivals:
        return None
    key = "rivals.model_published" if is_own else "rivals.rival_published" if has_rivals else "rivals.rival_alone"
    told = language.text(key, method=language.label("method", method))
    return tag("p", told, class_="published" if is_own else "published rival")


def rival_sentence(context: Context, model: str, subject: str, *, fallback: str) -> Html | None:
    """The sentence when a rival is published in the model's place, or when nothing could be scored yet and `fallback`
    is; else None."""
    scores, language = context.readings["scores"], context.language
    is_scored = not scores.empty and bool(((scores["model"] == model) & (scores["subject"] == subject)).any())
    if not is_scored and not set(SCORES.tables) & context.readings.absent:
        told = language.text("rivals.not_scored", method=language.label("method", fallback))
        return note(told)
    sentence = published_sentence(context, model, subject)
    return sentence if sentence is not None and "rival" in sentence.split(">", 1)[0] else None
