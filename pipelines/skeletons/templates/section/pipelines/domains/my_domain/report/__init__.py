"""The page on my domain.

Belongs here: its title, and what it answers. Does not belong here: sections (a folder each beside this file, found).
"""

from __future__ import annotations

from pipelines.modeling.cards import Text
from pipelines.reporting.pages import Page

PAGE = Page(
    title=Text("My domain", "SKELETON: My domain"),
    about=Text("What is known of my domain.", "SKELETON: 本店关于 my domain 的数据。"),
)
