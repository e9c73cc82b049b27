"""What a person wants to know of a finished run.

Does not belong here: running (launch.py), printing (pipelines.cli).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pipelines.terminal import QUERY_STOPPED


@dataclass(frozen=True)
class Outcome:
    """A finished run: its errors (class name and one line each), and the metadata of its materializations."""

    run_id: str
    success: bool
    errors: list[tuple[str, str]] = field(default_factory=list)
    materialized: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @property
    def interrupted(self) -> bool:
        """Whether somebody stopped the run (Ctrl-C, SIGTERM)."""
        return any(
            name == "DagsterExecutionInterruptedError" or QUERY_STOPPED in message for name, message in self.errors
        )


def described_days(open_days: Sequence[tuple[str, dt.date, str, str | None]]) -> str:
    """The open days of a table in one line, "" when there is none."""
    return "; ".join(f"{day} {verdict}: {reason or ''}".rstrip(": ") for _, day, verdict, reason in open_days)


def loaded(
    new_files: int, loaded_days: int, days: int, rows: Mapping[str, int], broken: Sequence[tuple[str, int]]
) -> dict[str, Any]:
    """What is told of a raw table: rows per outcome of the run's days, and the rules that were broken."""
    return {
        "days": days,
        "new_files": new_files,
        "loaded_days": loaded_days,
        "dagster/partition_row_count": rows.get("accepted", 0),
        "quarantined_by": ", ".join(f"{rule} {count:,}" for rule, count in broken),
        **{f"{outcome}_rows": count for outcome, count in rows.items()},
    }
