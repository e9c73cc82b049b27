"""The same words in the two languages of the report.

Does not belong here: any words (they stand with what they name).
"""

from __future__ import annotations

from typing import NamedTuple


class Text(NamedTuple):
    """English and Simplified Chinese."""

    en: str
    zh: str
