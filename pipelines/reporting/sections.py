"""What every section is made of, and how a figure follows the filters.

Belongs here: the form of a section. Does not belong here: what one says (the pages of the domains).
A figure is an element with `data-figure`; `Section.figures` holds its text for every choice of period and country, so
the page only puts prepared texts in place and never computes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipelines.modeling.cards import ModelCard
from pipelines.reporting.language import Language
from pipelines.reporting.markup import Html, tag
from pipelines.reporting.periods import Period, default_period
from pipelines.reporting.readings import Readings


@dataclass(frozen=True)
class ScoredModel:
    """What the frame must know of a model in `rpt_quality_model_scores`: its own name among the methods, and the
    measure that is drawn beside its rivals (lower is better)."""

    method: str
    drawn_measure: str | None = None


@dataclass(frozen=True)
class Context:
    """All that a section may draw on: the readings are those of its own page."""

    readings: Readings
    language: Language
    manifest: Mapping[str, Any]
    cards: Sequence[ModelCard] = ()
    grades: Sequence[Mapping[str, Any]] = ()
    models: Mapping[str, ScoredModel] = field(default_factory=dict)

    @property
    def period(self) -> Period:
        """The period that the report opens with."""
        return default_period(self.readings.periods)


@dataclass(frozen=True)
class Figure:
    """A text that follows the filters; `tone` is good, bad, even or ''; `title` is shown on hovering."""

    text: str
    tone: str = ""
    title: str = ""


@dataclass(frozen=True)
class Section:
    """One section: HTML, its charts by name, and its figures by (period, country) and name; country '' = all."""

    name: str
    body: Html
    charts: Mapping[str, Any] = field(default_factory=dict)
    figures: Mapping[tuple[str, str], Mapping[str, Figure]] = field(default_factory=dict)


def section(context: Context, name: str, *content: Html | None) -> Html:
    """The element of a section under its title; headings inside are of the fourth level and below."""
    heading = tag("h3", context.language.text(f"{name}.title"), id=f"{name}-title")
    return tag("section", heading, *content, id=name, aria_labelledby=f"{name}-title")


def empty_section(context: Context, name: str, *tables: str, before: Html | None = None) -> Section:
    """A section that has nothing to show and says why; `before` stands above the reason."""
    absent = [table for table in tables if table in context.readings.absent]
    reason = context.language.text("absent", table=absent[0]) if absent else context.language.text(f"{name}.empty")
    return Section(name, section(context, name, before, tag("p", reason, class_="empty")))


def lead(text: str | Html) -> Html:
    """The sentence that says what the section shows."""
    return tag("p", text, class_="lead")


def note(text: str) -> Html:
    """How to read what stands above."""
    return tag("p", text, class_="note")


def chart(name: str) -> Html:
    """The place where the chart `name` is drawn."""
    return tag("figure", tag("div", class_="plot", id=f"plot-{name}"), class_="chart", data_chart=name)


def figure(name: str, shown: Figure, element: str = "span", **attributes: object) -> Html:
    """The element of a figure with what it says at first."""
    return tag(element, shown.text, data_figure=name, data_tone=shown.tone, title=shown.title or None, **attributes)
