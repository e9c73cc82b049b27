"""What a run holds while it runs: the side lock, the working file, a way to tell how far it is.

Does not belong here: anything that outlives a run, and any logic.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import dagster as dg
import duckdb

from pipelines.contracts.data_docs import build_pages
from pipelines.settings.environment import Settings
from pipelines.store.connection import open_warehouse, transaction, writer_lock
from pipelines.store.days import recounts

if TYPE_CHECKING:
    from pipelines.contracts.expectations import Recount

Progress = Callable[[str, int, int], None]
"""Told the stage, how many of its units are done, and how many there are."""


def silent(_stage: str, _done: int, _total: int) -> None:
    """The progress of runs that nobody watches from a terminal."""


class Writer:
    """The right to write to the home, held for the length of a run, and the run's one connection to the working file.

    The file is opened by the first step that asks and stays open for those after it: each opening reads the file's head
    and compares its seal (measured: 0.07 CPU s), and a run asks some 40 times. It is closed, and sealed, when the run
    ends and whenever somebody else in this process is to open it: dbt.
    """

    def __init__(self, settings: Settings, progress: Progress) -> None:
        self.settings = settings
        self.progress = progress
        self.recounts: list[Recount] = []
        self._open: tuple[ExitStack, duckdb.DuckDBPyConnection] | None = None
        self._is_taken = False

    @contextmanager
    def warehouse(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The connection to the working file, for one user at a time; none while dbt runs.

        An error inside closes it unsealed: what the failed step left in the session must not reach the next one.
        """
        self._refuse_if_taken()
        if self._open is None:
            opened = ExitStack()
            self._open = opened, opened.enter_context(open_warehouse(**self.settings.working_file))
        (session, con), self._open, self._is_taken = self._open, None, True
        try:
            with session:
                yield con
                self._open = session.pop_all(), con
        finally:
            self._is_taken = False

    def give_back(self) -> None:
        """Close the working file, if it is open, and seal it: before somebody else in this process opens it."""
        self._refuse_if_taken()
        if self._open is not None:
            (session, _), self._open = self._open, None
            session.close()

    def verify_loads(self, con: duckdb.DuckDBPyConnection) -> None:
        """Let Great Expectations recount all that this run loaded, in one pass. Raises GateDisagreement; the days then
        wait in the ledger, and the next run judges them anew."""
        if self.recounts:
            from pipelines.contracts.expectations import verify_recounts

            self.progress("recount", 0, len(self.recounts))
            verify_recounts(self.recounts, self.settings.home.data_docs)
            with transaction(con):
                for recount in self.recounts:
                    recounts.settle(con, recount.contract.source, recount.contract.table, recount.days)
            self.recounts.clear()

    def _refuse_if_taken(self) -> None:
        if self._is_taken:
            raise RuntimeError("the working file is in use by this very run: one user at a time")


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
            held = Writer(settings, progress)
            try:
                yield held
            finally:
                try:
                    held.give_back()
                finally:
                    _build_pages(settings)

    return writer
