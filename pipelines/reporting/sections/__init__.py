"""The sections of the report in reading order.

Belongs here: the order. Does not belong here: what a section says (one module per subject).
A section that not every shop has is None where there is nothing to tell.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pipelines.reporting.sections.customers import cohorts, segments, values
from pipelines.reporting.sections.frame import Context, Section
from pipelines.reporting.sections.grades import grades
from pipelines.reporting.sections.margin import margin
from pipelines.reporting.sections.models import accuracy, cards
from pipelines.reporting.sections.products import watch
from pipelines.reporting.sections.quality import quality
from pipelines.reporting.sections.shop import bridge, kpis, revenue
from pipelines.reporting.sections.stock import stock

__all__ = ["SECTIONS", "Context", "Section"]

SECTIONS: Mapping[str, Callable[[Context], Section | None]] = {
    "quality": quality,
    "kpi": kpis,
    "revenue": revenue,
    "margin": margin,
    "bridge": bridge,
    "cohorts": cohorts,
    "segments": segments,
    "value": values,
    "stock": stock,
    "watch": watch,
    "accuracy": accuracy,
    "grades": grades,
    "cards": cards,
}
