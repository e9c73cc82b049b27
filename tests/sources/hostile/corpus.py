"""The hostile corpus: files as broken senders leave them, each made from a real day, with what must become of it.

Belongs here: the form of a case, the base files, and the list of all. Does not belong here: the cases of a format
(csv_cases.py, jsonl_cases.py, parquet_cases.py) and what is asserted (test_hostile_corpus.py).
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.shop_under_test import EXAMPLES, HEADER, real_rows

Rows = list[list[str]]


@dataclass(frozen=True)
class Outcome:
    """What must become of a file: refused with a code, or these rows, as text, with these rows held back.

    `bad` counts the quarantined rows per rule, `n_bad` the quarantined rows where some break several rules.
    """

    refused: str | None = None
    rows: Rows = field(default_factory=list)
    bad: Mapping[str, int] = field(default_factory=dict)
    n_bad: int | None = None
    blocked: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """Rows per outcome of the gate; only those that occur."""
        if self.refused:
            return {}
        if self.blocked:
            return {"blocked": len(self.rows)} if self.rows else {}
        copies = sum(count - 1 for count in Counter(map(tuple, self.rows)).values())
        held = self.n_bad if self.n_bad is not None else max(self.bad.values(), default=0)
        counts = {"accepted": len(self.rows) - copies - held, "quarantined": held, "duplicate": copies}
        return {outcome: count for outcome, count in counts.items() if count}


def refused(code: str) -> Outcome:
    """The file must be refused whole with this reason code."""
    return Outcome(refused=code)


@dataclass(frozen=True)
class Case:
    """A way to break a file: from the rows of a real day to a file's content and what must become of it."""

    name: str
    suffix: str
    make: Callable[[Rows], tuple[bytes, Outcome]]


@dataclass(frozen=True)
class HostileFile:
    """A case made from its base file, to be delivered on that file's day."""

    case: Case
    day: dt.date
    content: bytes
    outcome: Outcome

    @property
    def file_name(self) -> str:
        return f"it's {self.case.name.replace('/', ' ')} [1]{self.case.suffix}"


def base_days() -> list[dt.date]:
    """The days of the real files, in order."""
    return sorted(dt.date.fromisoformat(path.name[:10]) for path in EXAMPLES.glob("*.csv.gz"))


def build(cases: list[Case], most_rows: int | None = None, skip: int = 0) -> list[HostileFile]:
    """Every case made from a day of its own, its first rows; `skip` days are left to others."""
    found = []
    for case, day in zip(cases, base_days()[skip:], strict=False):
        rows = real_rows(day)[:most_rows]
        content, outcome = case.make(rows)
        found.append(HostileFile(case, day, content, outcome))
    assert len(found) == len(cases), "more cases than real days"
    return found


def as_text(rows: Rows, quoting: int = csv.QUOTE_MINIMAL) -> str:
    """The rows as CSV under a header."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n", quoting=quoting).writerows([HEADER, *rows])
    return text.getvalue()


def with_value(rows: Rows, column: str, value: str, at: int = 3) -> Rows:
    """The rows, one value replaced; the row is made unlike all others, so that it is no copy."""
    changed = [list(row) for row in rows]
    changed[at][HEADER.index("Quantity")] = "77"
    changed[at][HEADER.index("InvoiceNo")] = "499999"
    changed[at][HEADER.index("UnitPrice")] = "1.25"
    changed[at][HEADER.index(column)] = value
    return changed


def packed(content: bytes) -> bytes:
    """As gzip, always with the same bytes."""
    return gzip.compress(content, mtime=0)
