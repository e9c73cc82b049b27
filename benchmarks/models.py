"""`python -m benchmarks.models`: every model against its yardsticks in one table; exit code 1 when a bar is missed.

With `--write` the figures also go into the models' pages (docs/models), below the cards that stand there. Seeds are
fixed; Walmart's weeks lie beside the project and are left out, with a word, where they are absent.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import forecasts, lifetime_value, segments, stock_outs
from benchmarks.measured import Measured
from pipelines.domains.customers.segment_card import CUSTOMER_SEGMENTS
from pipelines.domains.customers.value_card import CUSTOMER_VALUE
from pipelines.domains.inventory.cards import DEMAND_FORECAST
from pipelines.modeling.cards import ModelCard, as_markdown

PAGES = Path(__file__).parents[1] / "docs" / "models"
MODELS: tuple[tuple[ModelCard, Callable[[], list[Measured]]], ...] = (
    (DEMAND_FORECAST, lambda: forecasts.run() + stock_outs.run()),
    (CUSTOMER_VALUE, lifetime_value.run),
    (CUSTOMER_SEGMENTS, segments.run),
)
FIGURES = "## Figures · 得分"


def page(card: ModelCard, rows: Sequence[Measured]) -> str:
    """The model's page: its card, then the figures as a table."""
    lines = [f"| {row.measure} | {row.value:,.4f} | {row.bar or ''} | {_verdict(row)} |" for row in rows]
    table = ["| figure | seen | bar | holds |", "|---|---|---|---|", *lines]
    measured = "Measured by `python -m benchmarks.models --write`, on two cores, seeds fixed."
    return "\n".join([as_markdown(card), FIGURES, "", measured, "", *table, ""])


def _verdict(row: Measured) -> str:
    return "" if row.bar is None else "yes" if row.passes else "NO"


def run(write: bool = False) -> list[Measured]:
    """All figures, printed model by model; with `write` into the pages too."""
    everything: list[Measured] = []
    for card, measure in MODELS:
        print(f"\n{card.title.en}", flush=True)
        rows = measure()
        everything += rows
        if write:
            PAGES.mkdir(parents=True, exist_ok=True)
            (PAGES / f"{card.model}.md").write_text(page(card, rows), encoding="utf-8")
    return everything


if __name__ == "__main__":
    sys.exit(int(not all(row.passes for row in run(write="--write" in sys.argv[1:]))))
