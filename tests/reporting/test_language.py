from __future__ import annotations

import datetime as dt
import math
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.reporting.language import MINUS, UNKNOWN, Language
from tests.reporting.pages import TEXTS, speaks

EN, ZH = Language("en", "GBP"), Language("zh", "GBP")


@pytest.mark.parametrize(
    ("value", "en", "zh"),
    [
        (1_362_123.45, "£1.36M", "£136.2万"),
        (149_600_000, "£150M", "£1.50亿"),
        (2_500_000_000, "£2.50B", "£25.00亿"),
        (74_900, "£74.9k", "£7.49万"),
        (999_999, "£1.00M", "£100.0万"),
        (10_000, "£10.0k", "£1.00万"),
        (8_123.4, "£8,123", "£8,123"),
        (467.32, "£467.32", "£467.32"),
        (0, "£0", "£0"),
        (-255_400, f"{MINUS}£255k", f"{MINUS}£25.54万"),
        (-0.001, "£0.00", "£0.00"),
        (None, UNKNOWN, UNKNOWN),
        (math.nan, UNKNOWN, UNKNOWN),
    ],
)
def test_money_is_short_and_in_the_units_of_the_language(value: float | None, en: str, zh: str) -> None:
    assert (EN.money(value), ZH.money(value)) == (en, zh)


def test_counts_ratios_and_dates() -> None:
    assert (EN.count(1_234_567), ZH.count(1_234_567), ZH.count(9_999)) == ("1,234,567", "123.5万", "9,999")
    assert (EN.percent(0.1234), EN.percent(-0.02, 0), EN.change(0.0712)) == ("12.3%", f"{MINUS}2%", "+7.1%")
    assert (EN.change(-0.5), EN.change(0.0001)) == (f"{MINUS}50.0%", "±0.0%")
    assert (EN.points(0.0042), ZH.points(-0.0042)) == ("+0.42 pts", f"{MINUS}0.42 个百分点")
    assert (ZH.date(dt.date(2011, 12, 9)), EN.month(dt.date(2011, 12, 9))) == ("2011-12-09", "2011-12")
    assert EN.exact_money(-1234.5) == f"{MINUS}£1,234.50"


def test_currencies_without_a_sign_stand_with_their_code() -> None:
    assert Language("en", "SEK").money(12) == "SEK 12"
    assert Language("zh", "CNY").money(12) == "¥12"
    assert Language("en").money(12) == "12"


@given(st.floats(-1e12, 1e12, allow_nan=False), st.sampled_from(["en", "zh"]))
def test_a_short_amount_is_the_amount_to_three_digits(value: float, code: str) -> None:
    text = Language(code, "EUR").money(value)
    number, unit = re.fullmatch(rf"{MINUS}?€([\d,.]+)([kMB万亿]?)", text).groups()  # type: ignore[union-attr]
    scale = {"": 1, "k": 1e3, "M": 1e6, "B": 1e9, "万": 1e4, "亿": 1e8}[unit]
    read = float(number.replace(",", "")) * scale
    assert read == pytest.approx(abs(value), rel=6e-3, abs=6e-3)
    assert text.startswith(MINUS) == (value < 0 and read > 0)


def test_only_two_languages_are_spoken() -> None:
    with pytest.raises(ValueError, match="'fr'"):
        Language("fr")


def test_every_text_has_both_languages_and_the_same_gaps() -> None:
    for key, text in TEXTS.items():
        assert text.en.strip() or key in ("sentence_separator",), key
        assert text.zh.strip() or key in ("sentence_separator",), key
        gaps = [{name for _, name, _, _ in string.Formatter().parse(t) if name} for t in (text.en, text.zh)]
        assert gaps[0] == gaps[1], key


def test_languages_are_not_mixed() -> None:
    # Names of methods and measures, and file formats, are the same in both.
    allowed = re.compile(r"JavaScript|LightGBM|BG/NBD|Gamma-Gamma|KMeans|ARI|UTC|\{\w+\}")
    for key, text in TEXTS.items():
        assert not re.search(r"[\u4e00-\u9fff]", text.en), key
        assert not re.search(r"[A-Za-z]", allowed.sub("", text.zh)), (key, text.zh)


def test_a_name_without_a_label_stands_for_itself() -> None:
    assert speaks("zh").label("segment", "at_risk") == "流失风险客户"
    assert ZH.label("segment", "night_owls") == "night_owls"
    with pytest.raises(KeyError):
        EN.text("no_such_text")
