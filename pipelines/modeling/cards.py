"""Model cards: what a reader must know before relying on a model, in English and Chinese.

Belongs here: the form of a card. Does not belong here: the cards of the models (each word's cards.py) and their figures
(published tables and benchmarks).
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
