"""Every word of the report in English and Simplified Chinese, one entry for both.

Belongs here: labels, sentences and definitions. Does not belong here: model cards (each word's cards.py), names and
reasons found in the data, and formats of numbers (pipelines.reporting.language).
`{name}` is filled in by the section that uses the text.
"""

from __future__ import annotations

from pipelines.modeling.cards import Text
from pipelines.reporting.texts.definitions import DEFINITIONS, SECTION_DEFINITIONS
from pipelines.reporting.texts.grades import GRADE_TEXTS
from pipelines.reporting.texts.margin import MARGIN_TEXTS
from pipelines.reporting.texts.models import MODEL_TEXTS
from pipelines.reporting.texts.page import PAGE_TEXTS
from pipelines.reporting.texts.quality import QUALITY_TEXTS
from pipelines.reporting.texts.shop import SHOP_TEXTS
from pipelines.reporting.texts.stock import STOCK_TEXTS

__all__ = ["DEFINITIONS", "SECTION_DEFINITIONS", "TEXTS"]

TEXTS: dict[str, Text] = {
    **PAGE_TEXTS,
    **SHOP_TEXTS,
    **MARGIN_TEXTS,
    **STOCK_TEXTS,
    **QUALITY_TEXTS,
    **MODEL_TEXTS,
    **GRADE_TEXTS,
}
