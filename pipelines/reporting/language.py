"""How the report speaks: words, numbers, money and dates in English or Simplified Chinese.

Belongs here: formats and looking up a text. Does not belong here: the texts (those of the frame in
pipelines.reporting.texts, those of a page in its domain) and HTML.
A value that is not known is written as a dash, never as 0.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeGuard

from pipelines.modeling.cards import Text
from pipelines.reporting.texts import FRAME_TEXTS

UNKNOWN = "–"
MINUS = "−"
SYMBOLS = {"GBP": "£", "EUR": "€", "USD": "$", "CNY": "¥", "JPY": "¥", "INR": "₹", "KRW": "₩"}
_STEPS = {"en": ((1e9, "B"), (1e6, "M"), (1e4, "k")), "zh": ((1e8, "亿"), (1e4, "万"))}
_THOUSAND = {"k": 1e3}
_SIGNIFICANT = {"en": 3, "zh": 4}


@dataclass(frozen=True)
class Language:
    """One of the two languages, with the currency of the shop (ISO code; empty when no amount is known) and the texts
    that can be said."""

    code: str
    currency: str = ""
    texts: Mapping[str, Text] = field(default_factory=lambda: FRAME_TEXTS, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.code not in _STEPS:
            raise ValueError(f"the report speaks en and zh, not {self.code!r}")

    def text(self, key: str, **values: object) -> str:
        """The text of `key` with `values` put in; KeyError when there is no such text."""
        found = self.texts[key].get(self.code)
        return found.format(**values) if values else found

    def label(self, group: str, name: str) -> str:
        """The label of a name found in the data, such as a method or a segment; the name itself when it has none."""
        found = self.texts.get(f"{group}.{name}")
        return found.get(self.code) if found else name

    @property
    def symbol(self) -> str:
        """The sign before an amount; a code that has no sign stands with a space."""
        return SYMBOLS.get(self.currency, f"{self.currency} " if self.currency else "")

    def count(self, value: float | None) -> str:
        """A whole number: 12,345 and 1.23万."""
        if not _is_known(value):
            return UNKNOWN
        if self.code == "zh" and abs(value) >= 1e4:
            return _signed(value, self._compact)
        return _signed(value, lambda v: f"{v:,.0f}")

    def number(self, value: float | None, digits: int = 1) -> str:
        """A number with `digits` decimals."""
        return _signed(value, lambda v: f"{v:,.{digits}f}") if _is_known(value) else UNKNOWN

    def money(self, value: float | None) -> str:
        """An amount to read at a glance: £1.36M, £74.9k, £8,123, £467.32; 136.2万 from ten thousand on in Chinese."""
        return _signed(value, lambda v: self.symbol + self._compact(v)) if _is_known(value) else UNKNOWN

    def exact_money(self, value: float | None) -> str:
        """An amount with its cents."""
        return _signed(value, lambda v: f"{self.symbol}{v:,.2f}") if _is_known(value) else UNKNOWN

    def counts(self, values: Iterable[float | None]) -> list[str]:
        """Whole numbers of one column of a table, written out: 9,876 above 12,345 compares, 9,876 above 1.23万 not."""
        return [_signed(value, lambda v: f"{v:,.0f}") if _is_known(value) else UNKNOWN for value in values]

    def amounts(self, values: Iterable[float | None]) -> list[str]:
        """Amounts of one column of a table, in one unit: whole from a hundred on, with cents where all are small."""
        column = list(values)
        digits = 0 if any(_is_known(value) and abs(value) >= 100 for value in column) else 2
        return [
            _signed(value, lambda v: f"{self.symbol}{v:,.{digits}f}") if _is_known(value) else UNKNOWN
            for value in column
        ]

    def percent(self, share: float | None, digits: int = 1) -> str:
        """A share as a percentage."""
        return _signed(share, lambda v: f"{100 * v:,.{digits}f}%") if _is_known(share) else UNKNOWN

    def change(self, share: float | None) -> str:
        """A relative change with its sign."""
        return f"{_sign(share, 3)}{100 * abs(share):,.1f}%" if _is_known(share) else UNKNOWN

    def points(self, difference: float | None) -> str:
        """A difference of two shares, in percentage points with its sign."""
        if not _is_known(difference):
            return UNKNOWN
        return self.text("points", value=f"{_sign(difference, 4)}{100 * abs(difference):.2f}")

    def date(self, day: dt.date) -> str:
        """A date as ISO text."""
        return day.isoformat()

    def month(self, day: dt.date) -> str:
        """A month as ISO text."""
        return f"{day:%Y-%m}"

    def _compact(self, value: float) -> str:
        for limit, unit in _STEPS[self.code]:
            if value >= limit * 0.9995:
                scaled = value / _THOUSAND.get(unit, limit)
                rounded = float(f"{scaled:.{_SIGNIFICANT[self.code]}g}")
                digits = _SIGNIFICANT[self.code] - 1 - int(math.log10(max(rounded, 1)))
                return f"{scaled:,.{min(2, max(0, digits))}f}{unit}"
        return f"{value:,.2f}" if value < 1000 and not float(value).is_integer() else f"{value:,.0f}"


def _is_known(value: float | None) -> TypeGuard[float]:
    return value is not None and math.isfinite(value)


def _sign(value: float, digits: int) -> str:
    rounded = round(value, digits)
    return "+" if rounded > 0 else MINUS if rounded < 0 else "±"


def _signed(value: float, write: Callable[[float], str]) -> str:
    body = write(abs(float(value)))
    return f"{MINUS}{body}" if value < 0 and any(digit in body for digit in "123456789") else body
