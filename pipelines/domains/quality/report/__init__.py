"""The page on quality: how far the data and the models can be relied on.

Belongs here: what the page holds. Does not belong here: its SQL, sections, charts, texts and terms (one module each).
Accuracy, grades and model cards stand here, beside the data that they rest on: whoever doubts a number, of whichever
domain, looks in this one place first.
"""

from __future__ import annotations

from pipelines.domains.quality.report.definitions import DEFINITIONS
from pipelines.domains.quality.report.deliveries import quality, trust
from pipelines.domains.quality.report.grade_texts import GRADE_TEXTS
from pipelines.domains.quality.report.grades import grades
from pipelines.domains.quality.report.models import accuracy, cards
from pipelines.domains.quality.report.queries import QUERIES, RECORD
from pipelines.domains.quality.report.texts import TEXTS
from pipelines.modeling.cards import Text
from pipelines.reporting.pages import Page
from pipelines.reporting.readings import Reads

PAGE = Page(
    title=Text("Data and models", "数据与模型"),
    about=Text(
        "How far the data go, what was set aside, and how far the models can be relied on.",
        "数据到哪一天、哪些被搁置、模型可信到什么程度。",
    ),
    sections={"quality": quality, "accuracy": accuracy, "grades": grades, "cards": cards},
    reads=Reads(QUERIES, record=RECORD),
    texts={**TEXTS, **GRADE_TEXTS},
    definitions=DEFINITIONS,
    masthead=trust,
)
