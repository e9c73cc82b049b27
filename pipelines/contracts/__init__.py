"""Source contracts: read them, check deliveries against them, and generate what follows from them.

Belongs here: everything that knows the contract format. Does not belong: reading deliveries (sources), writing the
warehouse, orchestration. Great Expectations is imported only when a gate verifies itself.
"""

from pipelines.contracts.contract import Bound, Column, DayRule, FileFormat, RowRule, SourceContract
from pipelines.contracts.errors import ContractError, GateDisagreement
from pipelines.contracts.gate import run_gate
from pipelines.contracts.odcs import load_source_contract, load_source_contracts
from pipelines.contracts.results import DayResult, GateResult

__all__ = [
    "Bound",
    "Column",
    "ContractError",
    "DayResult",
    "DayRule",
    "FileFormat",
    "GateDisagreement",
    "GateResult",
    "RowRule",
    "SourceContract",
    "load_source_contract",
    "load_source_contracts",
    "run_gate",
]
