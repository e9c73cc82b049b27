"""The card is whole in both languages."""

from __future__ import annotations

from dataclasses import fields

from pipelines.domains.customers.value_card import CUSTOMER_VALUE


def test_every_part_is_written_in_both_languages() -> None:
    assert CUSTOMER_VALUE.model == "customer_value"
    texts = [getattr(CUSTOMER_VALUE, part.name) for part in fields(CUSTOMER_VALUE) if part.name != "model"]
    assert all(text.en.isascii() and text.en.strip() for text in texts)
    assert all(any("\u4e00" <= sign <= "\u9fff" for sign in text.zh) for text in texts)
