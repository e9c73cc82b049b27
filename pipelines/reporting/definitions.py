"""What a term of the report is: its name and its formula, as docs/glossary.md has them.

Belongs here: the form, and the terms that pages of several domains use. Does not belong here: the terms of one domain
(its report/definitions.py). A test compares English name, Chinese name and English formula of all with the glossary.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.modeling.cards import Text


@dataclass(frozen=True)
class Definition:
    """A term and its formula in both languages; `section` where it is told only together with that section."""

    term: Text
    formula: Text
    section: str | None = None


def define(en: str, zh: str, formula: str, formula_zh: str, *, section: str | None = None) -> Definition:
    """A term: its name and its formula, each in English and Chinese."""
    return Definition(Text(en, zh), Text(formula, formula_zh), section)


RIVAL = define(
    "rival",
    "对照方法",
    "a simple method that is stored beside the model and published in its place when it was better",
    "与模型一并保存的简单方法；表现更好时取代模型发布",
)
INTERVAL = define(
    "80 % interval",
    "80% 区间",
    "from q10 to q90: one in ten is expected to end below, one in ten above",
    "从 q10 到 q90：预期十次中有一次低于下限、一次高于上限",
)
