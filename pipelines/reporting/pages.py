"""The pages of the report: what a domain hands over, where its page is found, and in which order pages stand.

Belongs here: the form of a page, the finder, the order. Does not belong here: any page (pipelines.domains.<domain>.
report). A domain whose folder holds `report/` with a `PAGE` has a page; nothing else is to be written down.
"""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pipelines.modeling.cards import Text
from pipelines.reporting.definitions import Definition
from pipelines.reporting.markup import Html
from pipelines.reporting.readings import Reads
from pipelines.reporting.sections import Context, ScoredModel, Section
from pipelines.reporting.texts import FRAME_TEXTS

# The pages that a reader expects in a place of their own, the first of them opens; all others follow by name.
ORDER = ("sales", "customers", "inventory", "quality")


@dataclass(frozen=True)
class Page:
    """What a domain says in the report.

    - `title`, `about`: its name, and in a sentence what it answers
    - `sections`: by the name that addresses them, in reading order; None where a shop has nothing to tell
    - `reads`: what is read of the version
    - `texts`: every other word, by key, in both languages
    - `definitions`: the terms that the sections use
    - `models`: what the domain's models are called among the scored methods
    - `masthead`: what must be known of the version before any figure is read; stands on the first page, whichever it is
    - `name`: that of the domain's folder, given by the finder
    """

    title: Text
    about: Text
    sections: Mapping[str, Callable[[Context], Section | None]]
    reads: Reads
    texts: Mapping[str, Text]
    definitions: Sequence[Definition] = ()
    models: Mapping[str, ScoredModel] = field(default_factory=dict)
    masthead: Callable[[Context], Sequence[Html]] | None = None
    name: str = ""


def find_pages(reports: Mapping[str, str], *, without: Collection[str] = ()) -> tuple[Page, ...]:
    """The `PAGE` of every report, a module's dotted name by domain, in the order in which they are shown, but of those
    domains `without`. Raises ImportError when a report has no PAGE, ValueError when two pages use one name for
    different things.
    """
    found = []
    for domain, report in sorted(reports.items()):
        if domain in without:
            continue
        page = getattr(importlib.import_module(report), "PAGE", None)
        if not isinstance(page, Page):
            raise ImportError(f"{report}: no PAGE; it says what the page holds, see {Page.__module__}")
        found.append(replace(page, name=domain))
    return in_order(found)


def in_order(pages: Sequence[Page]) -> tuple[Page, ...]:
    """The pages as they are shown; refuses what two of them would mean differently."""
    _refuse_twice("section", [(name, page.name) for page in pages for name in page.sections])
    _refuse_twice("model", [(name, page.name) for page in pages for name in page.models])
    places = {name: place for place, name in enumerate(ORDER)}
    return tuple(sorted(pages, key=lambda page: (places.get(page.name, len(ORDER)), page.name)))


def texts_of(pages: Sequence[Page]) -> dict[str, Text]:
    """The texts of the frame and of all pages by key; raises ValueError when two say one key differently."""
    found, owners = dict(FRAME_TEXTS), dict.fromkeys(FRAME_TEXTS, "the frame")
    for page in pages:
        for key, text in page.texts.items():
            if found.setdefault(key, text) != text:
                raise ValueError(f"the text {key!r} is that of {owners[key]} and of the page {page.name}: rename one")
            owners.setdefault(key, f"the page {page.name}")
    return found


def models_of(pages: Sequence[Page]) -> dict[str, ScoredModel]:
    """What all pages know of their models."""
    return {name: model for page in pages for name, model in page.models.items()}


def _refuse_twice(kind: str, named: Sequence[tuple[str, str]]) -> None:
    twice = [name for name, n in Counter(name for name, _ in named).items() if n > 1]
    for name in twice:
        owners = " and ".join(sorted(owner for other, owner in named if other == name))
        raise ValueError(f"the {kind} {name!r} is of the pages {owners}: rename one")
