"""Finding drops: which files have arrived, for which arrival day.

Belongs here: patterns, listing, fingerprints. Does not belong here: what is inside a file (readers.py) and what
has been loaded before (pipelines.store.ledger).
"""

from __future__ import annotations

import datetime as dt
import glob
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PLACEHOLDER = "{arrival_date}"
ISO_DAY = r"\d{4}-\d{2}-\d{2}"


class DropNameError(ValueError):
    """A file whose name nothing can write down; the message says which and what to do."""


@dataclass(frozen=True, order=True)
class Drop:
    """One file that a source system left for us. Its name is the path from the folder on that the day stands in."""

    arrival_date: dt.date
    file_name: str
    path: Path

    def stands_for(self, file_name_day: str | None) -> dt.date:
        """The day whose data the file brings: what `file_name_day` (a regular expression with one group that
        matches an ISO date) finds in its name, else the day it arrived."""
        found = re.search(file_name_day, self.file_name) if file_name_day else None
        day = _iso_day(found.group(1)) if found else None
        return day or self.arrival_date


def _iso_day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def list_drops(patterns: Iterable[str]) -> list[Drop]:
    """All files that match the patterns, ordered by arrival day and file name.

    A pattern is an absolute path with `{arrival_date}` in it; `*` behind it matches within one path part (before it,
    every character stands for itself: the shop file refuses `*` there). Hidden and temporary files (`.x`, `x.tmp`,
    `x.part`) are not there yet: their writer has not finished. Raises DropNameError for a name that is not UTF-8.
    """
    drops: dict[tuple[dt.date, str], Drop] = {}
    for pattern in patterns:
        head, tail = pattern.split(PLACEHOLDER)
        expression = re.compile(f"{re.escape(head)}({ISO_DAY}){re.escape(tail).replace(chr(92) + '*', '[^/]*')}")
        literal_tail = "*".join(glob.escape(part) for part in tail.split("*"))
        for path in map(Path, glob.glob(f"{glob.escape(head)}*{literal_tail}")):  # noqa: PTH207 - absolute patterns
            found = expression.fullmatch(str(path))
            day = _iso_day(found.group(1)) if found else None
            if found is None or day is None or not _has_arrived(path):
                continue
            name = str(path)[found.end(1) + 1 :] if tail.startswith("/") else path.name
            if any("\ud800" <= char <= "\udfff" for char in name):
                raise DropNameError(f"{str(path)!a}: the name of this file is not UTF-8: rename it")
            drops.setdefault((day, name), Drop(day, name, path))
    return sorted(drops.values())


def _has_arrived(path: Path) -> bool:
    return not path.name.startswith(".") and path.suffix not in {".tmp", ".part"} and path.is_file()


def fingerprint(path: Path) -> tuple[str, int]:
    """(sha256 as hex, size in bytes) of a file as it lies there."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size
