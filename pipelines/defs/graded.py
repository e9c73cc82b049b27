"""What grades need of a model beyond what it states: functions beside its statement, named by its output contracts.

Belongs here: finding them (`gradedWith`). Does not belong here: what they return, which is the model's; grading, which
knows nothing of the project (`almanac grade` hands the frames over as files).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from pipelines.contracts.outputs import GRADED_WITH, OutputContract
from pipelines.modeling.statements import Statement


class GradedError(ValueError):
    """A name in a contract that stands for no function; the message says which and what to do."""


class Graded(NamedTuple):
    """A function from a reading to a frame, the statement beside which it stands, and whose domain that is."""

    domain: str
    statement: Statement
    function: Callable[[Any], Any]


def graded_functions(contracts: Iterable[OutputContract], statements: Sequence[Statement]) -> dict[str, Graded]:
    """By name the functions that the contracts of these statements' tables name; each lies in the module of its
    statement's `make`. Raises GradedError for a name that is no function there, and for one that two contracts give."""
    makers = {table: item for item in statements for table in item.tables}
    found: dict[str, Graded] = {}
    for contract in contracts:
        for name in contract.graded_with if contract.table in makers else ():
            module = sys.modules[makers[contract.table].make.__module__]
            function = getattr(module, name, None)
            if not callable(function):
                raise GradedError(
                    f"{contract.table}: {GRADED_WITH} names {name}, which is no function of {module.__name__}"
                )
            if name in found:
                raise GradedError(f"{contract.table}: {GRADED_WITH} names {name}, as another contract does: rename one")
            found[name] = Graded(contract.domain, makers[contract.table], function)
    return found
