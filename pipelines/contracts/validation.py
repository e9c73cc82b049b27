"""How Great Expectations 1.24 is called: a quiet context, frames validated, and what it need not be asked one by one.

Belongs here: contexts, batches, suites, results. Does not belong here: which rules are recounted and on which frames
(expectations.py), static pages (data_docs.py). Great Expectations is imported inside functions: it costs seconds.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

# Counts only. Example values would put delivered data into the static pages; complete results cost 22 CPU s a million.
RESULT_FORMAT = {"result_format": "BASIC", "partial_unexpected_count": 0}
STATISTICS = ("evaluated_expectations", "successful_expectations", "unsuccessful_expectations", "success_percent")
DATASOURCE = "gate"
BATCH = {"datasource_name": DATASOURCE, "data_connector_name": "fluent"}
NOT_NULL = "ExpectColumnValuesToNotBeNull"
ANY_TEXT = "-"  # is not null


@dataclass(frozen=True)
class Expected:
    """One rule as an expectation: its kind (a class of Great Expectations), column and arguments."""

    rule: str
    kind: str
    column: str
    description: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def expectation(self) -> Any:
        """The same for Great Expectations."""
        from great_expectations import expectations

        kind = getattr(expectations, self.kind)
        return kind(column=self.column, meta={"rule": self.rule}, description=self.description, **self.arguments)


def quiet_context(results_in: Path | None = None, pages_in: Path | None = None) -> Any:
    """An ephemeral Great Expectations context without telemetry and progress bars.

    It keeps everything in memory; with `results_in` and `pages_in` results and static pages are files below them.
    """
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read at import
    import great_expectations as gx
    from great_expectations.data_context.types.base import DataContextConfig, ProgressBarsConfig

    kinds = {
        "expectations": "ExpectationsStore",
        "results": "ValidationResultsStore",
        "checkpoints": "CheckpointStore",
        "validation_definition_store": "ValidationDefinitionStore",
    }
    stores = {name: {"class_name": kind, "store_backend": backend(None)} for name, kind in kinds.items()}
    stores["results"]["store_backend"] = backend(results_in)
    index = {"class_name": "DefaultSiteIndexBuilder"}
    site = {"class_name": "SiteBuilder", "show_how_to_buttons": False, "site_index_builder": index}
    site["site_section_builders"] = {"profiling": "None"}  # pages of unknown data; here every column has its contract
    config = DataContextConfig(
        expectations_store_name="expectations",
        validation_results_store_name="results",
        checkpoint_store_name="checkpoints",
        stores=stores,
        data_docs_sites={"gate": {**site, "store_backend": backend(pages_in)}} if pages_in else {},
        progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
        analytics_enabled=False,
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def backend(folder: Path | None) -> dict[str, Any]:
    """Where a store keeps what it holds: files below the folder; without one, memory."""
    if folder is None:
        return {"class_name": "InMemoryStoreBackend"}
    files = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder.resolve())}
    return {**files, "suppress_store_backend_id": True}


@functools.cache
def _source() -> Any:
    """The data source of all recounts of this process; making its context costs as much as a small suite."""
    return quiet_context().data_sources.add_pandas(DATASOURCE)


@functools.cache
def _batches(batch: str) -> Any:
    """The frames of a name. Each that is added writes the whole configuration anew: a tenth of a small suite."""
    return _source().add_dataframe_asset(batch).add_batch_definition_whole_dataframe("all")


def validate(suite: str, batch: str, frame: pd.DataFrame, expected: Sequence[Expected]) -> Any:
    """Great Expectations' result of a suite on a frame, a result per rule (its id is in the configuration's meta)."""
    import great_expectations as gx

    # A suite that the context holds is compared with the one before it, expectation by expectation: 70 ms a table.
    asked = gx.ExpectationSuite(suite, expectations=[one.expectation() for one in expected])
    try:
        return _batches(batch).get_batch({"dataframe": frame}).validate(asked, result_format=RESULT_FORMAT)
    finally:
        _forget_frames()


def _forget_frames() -> None:
    """The engine keeps the last frame of each name, in two places."""
    manager = _source().get_execution_engine().batch_manager
    manager.reset_batch_cache()
    manager.batch_data_cache.clear()


@dataclass(frozen=True)
class Question:
    """What is expected of a frame, and which of the rules are `quiet`: said to be broken nowhere in it."""

    suite: str
    batch: str
    frame: pd.DataFrame
    expected: Sequence[Expected]
    quiet: Set[str]

    @functools.cached_property
    def distinct(self) -> dict[str, pd.Series]:
        """Every column's values, each once, and one null where there is any."""
        return {name: self.frame[name].drop_duplicates() for name in {one.column for one in self.expected}}

    @functools.cached_property
    def told(self) -> dict[str, int]:
        """Rows with a value, by column."""
        return {name: int(self.frame[name].notna().sum()) for name in self.distinct}


def answers(questions: Sequence[Question]) -> list[Any]:
    """What `validate` says of each, cheaper where most rules are quiet.

    Counts are never negative: where Great Expectations finds nothing in a pile of values, it holds nothing against any
    of the columns that they come from, however often each value occurs in them. So the quiet rules of all questions of
    which the same is expected are asked together, over their columns' distinct values; every other rule, those of a
    pile with a find included, is asked alone, over all rows.
    """
    proven: set[tuple[int, str]] = set()
    for batch, frame, piles in _piled(questions):
        tops = [replace(pile[0][1], rule=name, column=name) for name, pile in piles.items()]
        for single in validate("piles", batch, frame, tops).results:
            if single.result.get("unexpected_count") == 0:
                pile = piles[single.expectation_config.meta["rule"]]
                proven |= {(place, one.rule) for place, one in pile}
    return [
        _answer(question, {rule for place, rule in proven if place == number})
        for number, question in enumerate(questions)
    ]


Pile = list[tuple[int, Expected]]


def _piled(questions: Sequence[Question]) -> Iterator[tuple[str, pd.DataFrame, dict[str, Pile]]]:
    """Frames with a column per pile of quiet rules, the piles of like height together (name, frame, piles)."""
    piles: dict[tuple[str, str], Pile] = {}
    for place, question in enumerate(questions):
        for one in question.expected:
            if one.rule in question.quiet:
                piles.setdefault((one.kind, repr(sorted(one.arguments.items()))), []).append((place, one))
    columns: dict[int, dict[str, tuple[pd.Series, Pile]]] = {}
    for number, pile in enumerate(piles.values()):
        found = [questions[place].distinct[one.column] for place, one in pile]
        values = pd.concat(found, ignore_index=True).drop_duplicates(ignore_index=True)
        columns.setdefault(len(values).bit_length() // 4, {})[str(number)] = values, pile
    for size, of_size in columns.items():
        height = range(max(len(values) for values, _ in of_size.values()))
        filled = {
            # Expectations skip nulls, but for the one that looks for them.
            name: values.reindex(height, fill_value=ANY_TEXT if pile[0][1].kind == NOT_NULL else None)
            for name, (values, pile) in of_size.items()
        }
        yield f"piles_{size}", pd.DataFrame(filled), {name: pile for name, (_, pile) in of_size.items()}


def _answer(question: Question, proven: Set[str]) -> Any:
    """The result of a whole suite: of the proven rules as Great Expectations would form it, of the others its own."""
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.validator.validation_statistics import calc_validation_statistics

    asked = [one for one in question.expected if one.rule not in proven]
    found = validate(question.suite, question.batch, question.frame, asked).results if asked else []
    alone = {single.expectation_config.meta["rule"]: single for single in found}
    results = [alone.get(one.rule) or _unbroken(one, question) for one in question.expected]
    statistics = calc_validation_statistics(results)
    return ExpectationSuiteValidationResult(
        success=statistics.success,
        results=results,
        suite_name=question.suite,
        statistics={name: getattr(statistics, name) for name in STATISTICS},
        meta={"active_batch_definition": {**BATCH, "data_asset_name": question.batch}},
        batch_id=_batch_id(question.batch),
    )


def _batch_id(batch: str) -> str:
    return f"{DATASOURCE}-{batch}"


def _unbroken(one: Expected, question: Question) -> Any:
    """The result of a rule that no row of the frame breaks, as Great Expectations forms it."""
    from great_expectations.core import ExpectationValidationResult

    rows, told = len(question.frame), question.told[one.column]
    percent = 0.0 if told else None
    result: dict[str, Any] = {"element_count": rows, "unexpected_count": 0, "unexpected_percent": percent}
    result["partial_unexpected_list"] = []
    if one.kind != NOT_NULL:
        result |= {
            "missing_count": rows - told,
            "missing_percent": (rows - told) / rows * 100,
            "unexpected_percent_total": 0.0,
            "unexpected_percent_nonmissing": percent,
        }
    configuration = one.expectation().configuration
    configuration.kwargs["batch_id"] = _batch_id(question.batch)
    return ExpectationValidationResult(success=True, expectation_config=configuration, result=result)
