"""Static pages (Data Docs) of the gate's last runs: which rules were checked, how many rows broke them.

Belongs here: storing validation results below ONE directory (`store/`, JSON) and rendering them (`site/`, HTML). Pages
hold counts, never delivered values. Does not belong: validating (expectations.py). Great Expectations is imported
inside functions.
Every table stores its own results; the pages are rendered once for a whole run, which costs its import and templates
once. Paths are Great Expectations' own: store/<table>/<suite>/<table>/<moment>/<batch>.json, and the same with .html
below site/validations.
"""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

from pipelines.contracts.contract import SourceContract

KEPT_RUNS = 10  # of each table: a week and a half of daily runs; the index reads the result of every page
STORE, SITE = "store", "site"


def store_results(directory: Path, contract: SourceContract, outcomes: list[Any]) -> None:
    """Keep `outcomes` (suite results of one table's run) below `directory`."""
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.store.validation_results_store import ValidationResultsStore
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    from pipelines.contracts.validation import backend

    results = ValidationResultsStore(store_backend=backend(directory / STORE))
    # Only a label of the page: the state of the shop never depends on it.
    run = RunIdentifier(run_name=contract.raw_table, run_time=dt.datetime.now(dt.UTC))
    for outcome in outcomes:
        outcome.meta |= {"run_id": run, "validation_time": run.run_time}
        suite = ExpectationSuiteIdentifier(name=f"{contract.raw_table}.{outcome.suite_name}")
        batch = str(outcome.asset_name or outcome.suite_name)
        results.set(ValidationResultIdentifier(suite, run, batch), outcome)


def build_pages(directory: Path) -> None:
    """Render the stored results that have no page yet, and the index of all; of each table the newest KEPT_RUNS runs
    are kept. Nothing is written when nothing was stored since. One writer at a time."""
    store, pages = directory / STORE, directory / SITE / "validations"
    stored = {file.relative_to(store).with_suffix("") for file in store.glob("*/*/*/*/*.json")}
    paged = {file.relative_to(pages).with_suffix("") for file in pages.glob("*/*/*/*/*.html")}
    if not stored - paged:
        return
    for runs in store.glob("*/*/*"):
        for old in sorted(runs.iterdir(), reverse=True)[KEPT_RUNS:]:
            shutil.rmtree(old)
    from pipelines.contracts.validation import quiet_context

    context = quiet_context(results_in=store, pages_in=directory / SITE)
    results = context.validation_results_store.list_keys()
    new = {path.parts for path in stored - paged}
    context.build_data_docs(resource_identifiers=[key for key in results if key.to_tuple() in new])
