"""What grades need of a model beyond what it states: functions beside its statement, named by its output contracts.

Belongs here: finding them (`gradedWith`). Does not belong here: what they return, which is the model's; grading, which
knows nothing of the project (`almanac grade` hands the frames over as files).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from pipelines.contracts.outputs import GRADED_WITH, OutputContract

if TYPE_CHECKING:
    from pipelines.modeling.statements import Statement


class GradedError(ValueError):
    """A name in a contract that stands for no function; the message says which and what to do."""


def graded_functions(
    contracts: Iterable[OutputContract], statements: Sequence[Statement]
) -> dict[str, tuple[str, Callable[[Any], Any]]]:
    """By name the functions from a statement's reading to a frame that the contracts of these statements' tables name,
    and whose domain each is; each lies in the module of its statement's `make`. Raises GradedError for a name that is
    no function there, and for one that two contracts give."""
    modules = {table: sys.modules[item.make.__module__] for item in statements for table in item.tables}
    found: dict[str, tuple[str, Callable[[Any], Any]]] = {}
    for contract in contracts:
        for name in contract.graded_with if contract.table in modules else ():
            module = modules[contract.table]
            function = getattr(module, name, None)
            if not callable(function):
                raise GradedError(
                    f"{contract.table}: {GRADED_WITH} names {name}, which is no function of {module.__name__}"
                )
            if name in found:
                raise GradedError(f"{contract.table}: {GRADED_WITH} names {name}, as another contract does: rename one")
            found[name] = contract.domain, function
    return found
