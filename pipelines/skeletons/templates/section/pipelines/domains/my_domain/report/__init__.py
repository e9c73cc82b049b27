"""The page on my domain.

Belongs here: its title, and what it answers. Does not belong here: sections (a folder each beside this file, found).
"""

from __future__ import annotations

from pipelines.modeling.cards import Text
from pipelines.reporting.pages import Page

PAGE = Page(
    title=Text("My domain", "My domain"),
    about=Text("What the shop knows of my domain.", "本店关于 my domain 的数据。"),
)
