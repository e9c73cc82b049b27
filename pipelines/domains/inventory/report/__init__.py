"""The page on inventory: what lies in stock, what runs out, which products are expected to rise and fall.

Belongs here: what the page holds. Does not belong here: its SQL, sections, charts, texts and terms (one module each).
"""

from __future__ import annotations

from pipelines.domains.inventory.report.definitions import DEFINITIONS
from pipelines.domains.inventory.report.products import watch
from pipelines.domains.inventory.report.queries import QUERIES
from pipelines.domains.inventory.report.stock import stock
from pipelines.domains.inventory.report.texts import TEXTS
from pipelines.modeling.cards import Text
from pipelines.reporting.pages import Page
from pipelines.reporting.readings import Reads
from pipelines.reporting.sections import ScoredModel

PAGE = Page(
    title=Text("Products and stock", "商品与库存"),
    about=Text(
        "Which products are expected to rise or fall and, where stock is counted, what runs out.",
        "哪些商品预计上升或下降；有库存数据时，还有哪些将售罄。",
    ),
    sections={"stock": stock, "watch": watch},
    reads=Reads(QUERIES),
    texts=TEXTS,
    definitions=DEFINITIONS,
    models={"demand_forecast": ScoredModel("lightgbm", drawn_measure="pinball")},
)
