"""Model cards: what a reader must know before relying on a model, in English and Chinese.

Belongs here: the form of a card. Does not belong here: the cards of the models (each domain's cards.py) and their
figures (published tables and benchmarks).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Text:
    """The same words in the two languages of the report."""

    en: str
    zh: str

    def get(self, language: str) -> str:
        """The text in `language`, en or zh."""
        return {"en": self.en, "zh": self.zh}[language]


@dataclass(frozen=True)
class ModelCard:
    """One model: what for, on what, how, against whom, and when not to use it.

    `model` is its name in `rpt_quality_model_scores`.
    """

    model: str
    title: Text
    purpose: Text
    data: Text
    method: Text
    rivals: Text
    calibration: Text
    not_for: Text


# The parts of a card in reading order: (field, heading); the report and the pages of docs/models both take them here.
PARTS: tuple[tuple[str, Text], ...] = (
    ("purpose", Text("What for", "用途")),
    ("data", Text("Data", "数据")),
    ("method", Text("Method", "方法")),
    ("rivals", Text("Rivals", "对照方法")),
    ("calibration", Text("Calibration", "校准")),
    ("not_for", Text("Do not use it", "不适用于")),
)


def as_markdown(card: ModelCard) -> str:
    """The card as a page, English first, then Chinese; without figures."""
    blocks = []
    for language, level in (("en", "#"), ("zh", "##")):
        blocks.append(f"{level} {card.title.get(language)}")
        for field, heading in PARTS:
            blocks += [f"{level}# {heading.get(language)}", getattr(card, field).get(language)]
    return "\n\n".join(blocks) + "\n"
