"""Source contracts from their files: read, checked, ready for the gate.

Does not belong here: the file's shape (shapes.py), what its values mean (checks.py).
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from pipelines.contracts.checks import to_source_contract
from pipelines.contracts.contract import SourceContract
from pipelines.contracts.shapes import parse_contract_file, read_yaml


def load_source_contract(path: Path | str) -> SourceContract:
    """Read and check `<...>/sources/<source>/<table>.odcs.yaml`. Raises ContractError with one clear line."""
    path = Path(path)
    return _checked(path, path.read_bytes() if path.is_file() else b"")


@lru_cache(maxsize=256)
def _checked(path: Path, _content: bytes) -> SourceContract:
    """A run asks four times for every contract, and checking one costs 0.014 CPU seconds."""
    return check_source_contract(path, read_yaml(path))


def check_source_contract(path: Path, data: Any) -> SourceContract:
    """The contract in `data`, plain data as YAML gives it; `path` is for names and messages. Raises ContractError."""
    return to_source_contract(path, parse_contract_file(path, data))


def load_source_contracts(directory: Path | str) -> tuple[SourceContract, ...]:
    """All contracts below `directory` (data_contracts/sources), ordered by path. Raises ContractError."""
    return tuple(load_source_contract(path) for path in sorted(Path(directory).glob("*/*.odcs.yaml")))
