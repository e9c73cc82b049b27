"""The section my section of the page on my domain.

Belongs here: what the section brings. Does not belong here: its SQL, drawing and texts (one module each).
"""

from __future__ import annotations

from pipelines.domains.my_domain.report.my_section.queries import QUERIES
from pipelines.domains.my_domain.report.my_section.section import say
from pipelines.domains.my_domain.report.my_section.texts import TEXTS
from pipelines.reporting.pages import Part

PART = Part(say, QUERIES, TEXTS)
