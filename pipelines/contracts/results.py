"""What the gate found: per arrival day, and over all days of a load. Does not belong here: finding it (gate.py)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal


@dataclass(frozen=True)
class DayResult:
    """What the gate found for one arrival day.

    outcomes: rows per outcome (all four keys). rule_counts: rows per broken row rule, over all delivered rows, copies
    and blocked ones included. day_values: the measured number per day rule (None: nothing to measure).
    amounts: control total per outcome, of the rows where it can be read.
    """

    arrival_date: dt.date
    verdict: Literal["accepted", "blocked"]
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    outcomes: Mapping[str, int]
    amounts: Mapping[str, Decimal]
    rule_counts: Mapping[str, int]
    day_values: Mapping[str, float | None]


@dataclass(frozen=True)
class GateResult:
    """Results per arrival day, ordered by day."""

    days: tuple[DayResult, ...]
    verified: bool

    @property
    def physical_rows(self) -> int:
        """All rows that were landed; equals the sum over the four outcomes."""
        return sum(sum(day.outcomes.values()) for day in self.days)

    def outcome_count(self, outcome: str) -> int:
        """Rows of one outcome over all days."""
        return sum(day.outcomes[outcome] for day in self.days)

    @property
    def rule_counts(self) -> dict[str, int]:
        """Rows per broken row rule over all days; rules that nobody broke are left out."""
        total: dict[str, int] = {}
        for day in self.days:
            for rule, count in day.rule_counts.items():
                total[rule] = total.get(rule, 0) + count
        return dict(sorted(total.items()))
