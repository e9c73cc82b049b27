"""What a run holds while it runs: the side lock, the way to the working file, a way to tell how far it is.

Does not belong here: anything that outlives a run, and any logic.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import dagster as dg
import duckdb

from pipelines.contracts.data_docs import build_pages
from pipelines.settings.environment import Settings
from pipelines.store.connection import open_warehouse, writer_lock

Progress = Callable[[str, int, int], None]
"""Told the stage, how many of its units are done, and how many there are."""


def silent(_stage: str, _done: int, _total: int) -> None:
    """The progress of runs that nobody watches from a terminal."""


@dataclass(frozen=True)
class Writer:
    """The right to write to the home, held for the length of a run."""

    settings: Settings
    progress: Progress

    def warehouse(self) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A connection to the working file. Only one at a time, and none while dbt runs."""
        return open_warehouse(**self.settings.working_file)


def _build_pages(settings: Settings) -> None:
    """The gate's pages of all tables, whether the run went well or not; what a killed run left is rendered next time.

    They are a by-product: a run is not lost with them.
    """
    try:
        build_pages(settings.home.data_docs)
    except Exception:
        logging.getLogger(__name__).exception("the gate's pages were not built")


def writer_resource(settings: Settings, progress: Progress) -> dg.ResourceDefinition:
    """The `writer` of a run: takes the side lock at its start (or fails, naming the holder), and gives it back."""

    @dg.resource(description="The side lock of the home and the way to its working file.")
    def writer(context: dg.InitResourceContext) -> Iterator[Writer]:
        settings.home.prepare(settings.shop.name)
        run = f"run {context.run_id[:8]}" if context.run_id else "a run"
        with writer_lock(settings.home.writer_lock, run):
            try:
                yield Writer(settings, progress)
            finally:
                _build_pages(settings)

    return writer
