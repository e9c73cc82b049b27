"""The sections of the report in reading order.

Belongs here: the order. Does not belong here: what a section says (one module per subject).
"""

from __future__ import annotations

from pipelines.reporting.sections.customers import cohorts, segments, values
from pipelines.reporting.sections.frame import Context, Section
from pipelines.reporting.sections.models import accuracy, cards
from pipelines.reporting.sections.products import watch
from pipelines.reporting.sections.quality import quality
from pipelines.reporting.sections.shop import bridge, kpis, revenue

__all__ = ["SECTIONS", "Context", "Section"]

SECTIONS = (quality, kpis, revenue, bridge, cohorts, segments, values, watch, accuracy, cards)
