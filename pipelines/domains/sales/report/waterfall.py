"""A bridge of money as steps of a waterfall.

Belongs here: turning signed parts into bars that start where the last one ended. Does not belong here: sums of parts
(queries.py) and drawing (charts.py).
"""

from __future__ import annotations

import pandas as pd

from pipelines.reporting.language import Language

# The axis reaches this much beyond the longest bar, so that its amount can stand beside it.
ROOM = 1.22


def waterfall(parts: pd.DataFrame, language: Language) -> pd.DataFrame:
    """Steps from parts; each time `leads_to` changes, a total follows.

    `parts` (period, country, part_no): part, leads_to, amount. Returns (period, country, step): part, label, role
    (total|plus|minus), start, end, amount, text, room. The first part is a total itself. A later one that is zero
    everywhere is left out; a country has no parts beyond what is booked.
    """
    shown = parts.groupby("part")["amount"].transform(lambda amounts: (amounts != 0).any())
    is_first = parts["part_no"] == parts["part_no"].min()
    kept = parts[shown | is_first].sort_values(["period", "country", "part_no"])
    rows: list[dict[str, object]] = []
    for (period, country), group in kept.groupby(["period", "country"], sort=True):
        steps = _steps(group)
        room = ROOM * max(max(step["start"], step["end"]) for step in steps)
        rows += [{"period": period, "country": country, **step, "room": room} for step in steps]
    frame = pd.DataFrame(rows)
    frame["label"] = [language.label("part", part) for part in frame["part"]]
    frame["text"] = [language.money(amount) for amount in frame["amount"]]
    return frame


def _steps(group: pd.DataFrame) -> list[dict[str, float]]:
    steps: list[dict[str, float]] = []
    level, total_no = 0.0, 0
    records = group.to_dict("records")
    for number, record in enumerate(records):
        role = "total" if number == 0 else "plus" if record["amount"] >= 0 else "minus"
        steps.append(_step(record["part_no"], record["part"], role, level, level + record["amount"], record["amount"]))
        level += record["amount"]
        following = records[number + 1]["leads_to"] if number + 1 < len(records) else None
        if record["leads_to"] != following:
            total_no = record["part_no"] + 0.5
            steps.append(_step(total_no, record["leads_to"], "total", 0.0, level, level))
    return steps


def _step(number: float, part: str, role: str, start: float, end: float, amount: float) -> dict[str, float]:
    return {"step": number, "part": part, "role": role, "start": start, "end": end, "amount": amount}  # type: ignore[dict-item]
