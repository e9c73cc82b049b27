"""What a publication is asked to publish, and what it knows of the last one.

Belongs here: the types that the parts of a publication share. Does not belong here: reading them out of dbt's manifest
(lineage.py) or the ledger (changes.py), nor writing anything.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pipelines.contracts.expression import quoted
from pipelines.store.published.versions import Manifest

Days = frozenset[dt.date] | None
"""Days of a table that were replaced; None: it was built throughout."""


@dataclass(frozen=True)
class PublishedTable:
    """A table or view of the working file that readers get as table `name`, rows ordered by `key` when it is written
    whole.

    `columns` maps every column to its description. `compared` is a SQL condition on the rows that the version's digest
    covers: all by default; a table of statements gives its last as-of date, a history of statements `false`. `rests_on`
    says what a row follows from (pipelines.store.published.evidence), `reads` the source tables behind that.

    How much of it is written anew follows from the rest: `code` names all that decides its rows but the data; `inputs`
    the tables whose changes are recorded and that its rows follow from (None: it also reads what nobody records),
    `day` the column by whose days it is replaced (None: it never is). A `by_day` table is Parquet alone, a file a day.
    """

    schema: str
    name: str
    key: tuple[str, ...]
    description: str
    columns: Mapping[str, str]
    compared: str = "true"
    rests_on: Mapping[str, Any] = field(default_factory=dict)
    reads: tuple[str, ...] = ()
    code: str = ""
    inputs: tuple[str, ...] | None = None
    day: str | None = None
    by_day: bool = False

    @property
    def order(self) -> str:
        """The `order by` of its rows, empty without a key."""
        return f" order by {', '.join(quoted(column) for column in self.key)}" if self.key else ""

    @property
    def texts_sha256(self) -> str:
        """Of the table's and its columns' descriptions, which readers see as comments."""
        return hashlib.sha256(json.dumps([self.description, *sorted(self.columns.items())]).encode()).hexdigest()

    @property
    def file_name(self) -> str:
        """The name as part of a path: it cannot leave its folder."""
        return quote(self.name, safe=" ")


@dataclass(frozen=True)
class Changes:
    """What the working file replaced since it was published as `base`, whose manifest has the sum `manifest_sha256`:
    the days of every table that changed. A table that is not named stands as it was published."""

    base: str
    manifest_sha256: str
    days: Mapping[str, Days] = field(default_factory=dict)

    def of(self, names: Sequence[str]) -> list[Days]:
        """What changed in the named tables; empty when nothing did."""
        return [self.days[name] for name in names if name in self.days]


@dataclass(frozen=True)
class Base:
    """The version that a new one is taken over from."""

    path: Path
    manifest: Manifest

    def entry(self, table: PublishedTable) -> Mapping[str, Any] | None:
        """What its manifest says of a table, None when it has none of that name."""
        found: Mapping[str, Any] | None = self.manifest["tables"].get(table.name)
        return found
