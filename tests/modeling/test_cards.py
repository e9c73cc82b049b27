"""Cards say everything in both languages, and their pages in docs/ say the same."""

from __future__ import annotations

from dataclasses import fields

import pytest

from pipelines.defs.statements import all_statements, model_cards
from pipelines.modeling.cards import ModelCard, Text, as_markdown
from pipelines.settings.environment import PROJECT_ROOT

CARDS = model_cards(all_statements())


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.model)
def test_a_card_says_everything_in_both_languages(card: ModelCard) -> None:
    for field in fields(card):
        text = getattr(card, field.name)
        if isinstance(text, Text):
            assert text.en.strip() and text.zh.strip(), field.name
            assert not any("\u4e00" <= sign <= "\u9fff" for sign in text.en), field.name
            assert any("\u4e00" <= sign <= "\u9fff" for sign in text.zh), field.name


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.model)
def test_the_page_of_a_model_begins_with_its_card_and_holds_figures(card: ModelCard) -> None:
    page = (PROJECT_ROOT / "docs" / "models" / f"{card.model}.md").read_text(encoding="utf-8")
    assert page.startswith(as_markdown(card)), "run `python -m benchmarks.models --write`"
    assert page.count("\n| ") > 5
