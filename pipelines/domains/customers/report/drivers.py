"""What sets a segment apart, in words.

Belongs here: reading the published `drivers` text. Does not belong here: finding drivers (the domain).
"""

from __future__ import annotations

import re

from pipelines.reporting.language import Language

_ONE = re.compile(r"^(?P<feature>\w+):(?P<level>high|low)$")


def in_words(drivers: str | None, language: Language) -> str:
    """`frequency:high,recency_days:low` as words of the language; a part of another form stands as it is."""
    parts = [part.strip() for part in (drivers or "").split(",") if part.strip()]
    return language.text("list_separator").join(_in_words(part, language) for part in parts) or "–"


def _in_words(part: str, language: Language) -> str:
    found = _ONE.match(part)
    if not found:
        return part
    return language.text(f"level.{found['level']}", feature=language.label("feature", found["feature"]))
