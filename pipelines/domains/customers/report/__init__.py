"""The page on customers: whether they come back, which kinds there are, what they are expected to bring.

Belongs here: what the page holds. Does not belong here: its SQL, sections, charts, texts and terms (one module each).
"""

from __future__ import annotations

from pipelines.domains.customers.report.definitions import DEFINITIONS
from pipelines.domains.customers.report.queries import QUERIES
from pipelines.domains.customers.report.sections import cohorts, segments, values
from pipelines.domains.customers.report.texts import TEXTS
from pipelines.modeling.cards import Text
from pipelines.reporting.pages import Page
from pipelines.reporting.readings import Reads
from pipelines.reporting.sections import ScoredModel

PAGE = Page(
    title=Text("Customers", "客户"),
    about=Text(
        "Whether they come back, which kinds there are, and what they are expected to bring.",
        "客户是否回来、有哪几类、预计带来多少。",
    ),
    sections={"cohorts": cohorts, "segments": segments, "value": values},
    reads=Reads(QUERIES),
    texts=TEXTS,
    definitions=DEFINITIONS,
    models={
        "customer_segments": ScoredModel("kmeans"),
        "customer_value": ScoredModel("bg_nbd", drawn_measure="mae"),
    },
)
