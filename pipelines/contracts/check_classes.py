"""The five classes of checks that the scorecard counts, and which of them a rule of a contract belongs to.

Belongs here: names and this one mapping. Does not belong here: measuring (gate.py, pipelines.store.days.day_checks) and
judging across days (the mart `quality_scorecard`).
"""

from __future__ import annotations

from typing import Literal

from pipelines.contracts.contract import DayRule, SourceContract

CheckClass = Literal["freshness", "volume", "schema", "distribution", "lineage"]


def class_of(rule: DayRule, contract: SourceContract) -> CheckClass:
    """How much came is volume, what form it has is schema, what it says is distribution.

    Whole lines that stand twice are a file sent twice: volume. A key that stands twice is no key any more: schema.
    """
    if rule.metric == "rowCount":
        return "volume"
    if rule.metric == "duplicateValues":
        return "volume" if set(rule.properties) == set(contract.column_names) else "schema"
    return "schema" if rule.metric == "invalidValues" else "distribution"
