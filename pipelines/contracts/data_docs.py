"""Static pages (Data Docs) of the gate's last runs: which rules were checked, how many rows broke them.

Belongs here: storing validation results below ONE directory and rendering them. Pages hold counts, never delivered
values. Does not belong: validating (expectations.py). Great Expectations is imported inside functions.
"""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

from pipelines.contracts.contract import SourceContract

KEPT_RUNS = 10  # a week and a half of daily runs; every further one adds half a second to each build
STORE, SITE = "store", "site"


def write_data_docs(directory: Path, contract: SourceContract, outcomes: list[Any]) -> Path:
    """Store `outcomes` (suite results of one run) and render the last KEPT_RUNS runs; returns the index page.

    Writes only below `directory`: `store/` (results as JSON) and `site/` (HTML, rebuilt whole). One writer at a time.
    """
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    from pipelines.contracts.expectations import quiet_context

    directory.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(directory / SITE, ignore_errors=True)
    context = quiet_context(results_in=directory / STORE, pages_in=directory / SITE)
    results = context.validation_results_store
    # Only a label of the page: the state of the shop never depends on it.
    run = RunIdentifier(run_name=contract.raw_table, run_time=dt.datetime.now(dt.UTC))
    for outcome in outcomes:
        outcome.meta |= {"run_id": run, "validation_time": run.run_time}
        suite = ExpectationSuiteIdentifier(name=f"{contract.raw_table}.{outcome.suite_name}")
        batch = str(outcome.asset_name or outcome.suite_name)
        identifier = ValidationResultIdentifier(expectation_suite_identifier=suite, run_id=run, batch_identifier=batch)
        results.set(identifier, outcome)
    _forget_old_runs(results)
    context.build_data_docs()
    return directory / SITE / "index.html"


def _forget_old_runs(results: Any) -> None:
    """Remove the results of all but the newest KEPT_RUNS runs."""
    keys = results.list_keys()
    times = sorted({key.run_id.run_time for key in keys}, reverse=True)[KEPT_RUNS:]
    for key in keys:
        if key.run_id.run_time in times:
            results.remove_key(key)
