"""Runs without what is not their subject, for tests that run the real jobs in their own process.

Belongs here: what is left out, and how it is put back. Does not belong here: shops, nor runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from unittest.mock import patch

import dagster as dg

from pipelines.contracts import expectations
from pipelines.defs import publish

FROM_CONFIG, VERIFY, REPORTED = dg.DagsterInstance.from_config, expectations.verify_recounts, publish.reported


@contextmanager
def lean() -> Iterator[None]:
    """Runs in this process without what costs much of a small refresh and is proven elsewhere: Dagster's history is
    kept in memory, Great Expectations does not recount what the gate found (tests/contracts), no report is drawn
    (tests/reporting)."""
    with (
        dg.DagsterInstance.ephemeral() as instance,
        patch.object(dg.DagsterInstance, "from_config", lambda _folder: nullcontext(instance)),
        patch.object(expectations, "verify_recounts", lambda *_: None),
        patch.object(publish, "reported", lambda *_: {}),
    ):
        yield


def leanly() -> None:
    """Inside a command's process (`prepare`): its run is lean."""
    _OPEN.enter_context(lean())


_OPEN = ExitStack()


@contextmanager
def whole() -> Iterator[None]:
    """Inside `lean`: runs with all of it, as the command line runs."""
    with (
        patch.object(dg.DagsterInstance, "from_config", FROM_CONFIG),
        patch.object(expectations, "verify_recounts", VERIFY),
        patch.object(publish, "reported", REPORTED),
    ):
        yield
