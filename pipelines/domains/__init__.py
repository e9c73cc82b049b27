"""A folder per domain: what it computes (pure functions), what it states (`statements`), what a shop may set
(`settings.py`), its page of the report (`report/`). Domains know `pipelines.modeling` alone, and meet through tables.

Belongs here: finding them and their parts by where they lie. Does not belong here: importing a part, and what it means
(pipelines.settings.domains, pipelines.defs.statements, pipelines.reporting.pages).
"""

from __future__ import annotations

import pkgutil
from pathlib import Path


def domain_names() -> tuple[str, ...]:
    """The domains that there are: the packages of this one, sorted."""
    return tuple(sorted(item.name for item in pkgutil.iter_modules(__path__) if item.ispkg))


def domain_parts(part: str) -> dict[str, str]:
    """The dotted name of a part (`report`, `settings`, `statements`) by domain, for those that have it; nothing of them
    is imported."""
    return {
        domain: f"{__name__}.{domain}.{part}"
        for domain in domain_names()
        if part in {item.name for item in pkgutil.iter_modules([str(Path(place, domain)) for place in __path__])}
    }
