"""`python -m pipelines.contracts`: regenerate what follows from the contracts (dbt sources, staging, the YAML of
conformed models, the models that count row versions, the contracts of the published tables, the data dictionary)."""

from __future__ import annotations

import sys
from pathlib import Path

from pipelines.contracts.errors import ContractError
from pipelines.contracts.generated import write_generated


def main() -> int:
    """Run in the project that this file belongs to."""
    try:
        written, removed = write_generated(Path(__file__).resolve().parents[2])
    except ContractError as error:
        print(error, file=sys.stderr)
        return 2
    for path in written:
        print(f"wrote {path}")
    for path in removed:
        print(f"removed {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
