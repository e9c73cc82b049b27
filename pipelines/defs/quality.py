"""Gate verdicts as asset checks.

Belongs here: how a verdict is shown in Dagster. Does not belong here: how it is reached (pipelines.contracts.gate).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import dagster as dg

from pipelines.defs.outcome import described_days

GATE = "gate"


def gate_check(asset_key: dg.AssetKey) -> dg.AssetCheckSpec:
    """The check that warns of days that are not whole, and stops the run when no day of any table is usable."""
    return dg.AssetCheckSpec(
        GATE,
        asset=asset_key,
        blocking=True,
        description="Every arrival day passed its contract: none blocked, incomplete or missing.",
    )


def gate_result(
    open_days: Sequence[tuple[str, dt.date, str, str | None]],
    usable_days: int,
    warnings: Sequence[tuple[dt.date, str]] = (),
    *,
    others_usable: bool = False,
) -> dg.AssetCheckResult:
    """Passed when no day is open; an ERROR only when there is an open day and not one usable day, here or
    (`others_usable`) in another table of the shop: a broken file of payments holds no orders back.

    `warnings` (day, text) are day rules that warn only: they are told and change nothing.
    """
    stops = bool(open_days) and usable_days == 0 and not others_usable
    return dg.AssetCheckResult(
        check_name=GATE,
        passed=not open_days,
        severity=dg.AssetCheckSeverity.ERROR if stops else dg.AssetCheckSeverity.WARN,
        description=described_days(open_days) or "every open day was accepted",
        metadata={
            "open_days": len(open_days),
            "usable_days": usable_days,
            "warnings": [f"{day} {text}" for day, text in warnings],
        },
    )
