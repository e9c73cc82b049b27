"""The page on sales: what the shop took, what is expected, what is left of it.

Belongs here: what the page holds. Does not belong here: its SQL, sections, charts, texts and terms (one module each).
"""

from __future__ import annotations

from pipelines.domains.sales.report.definitions import DEFINITIONS
from pipelines.domains.sales.report.margin import margin
from pipelines.domains.sales.report.queries import COUNTRIES, QUERIES, RECORD
from pipelines.domains.sales.report.sections import bridge, kpis, revenue
from pipelines.domains.sales.report.texts import TEXTS
from pipelines.modeling.cards import Text
from pipelines.reporting.pages import Page
from pipelines.reporting.readings import Reads

PAGE = Page(
    title=Text("Sales", "销售"),
    about=Text(
        "What the shop took, what is expected of the weeks ahead, and what is left of it.",
        "店铺卖了多少、未来几周预计多少、最后剩下多少。",
    ),
    sections={"kpi": kpis, "revenue": revenue, "margin": margin, "bridge": bridge},
    reads=Reads(QUERIES, record=RECORD, countries=COUNTRIES),
    texts=TEXTS,
    definitions=DEFINITIONS,
)
