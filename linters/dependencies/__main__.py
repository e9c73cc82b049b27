"""`make lint` runs it: every finding in a line that names the package; exit code 1 where there is one."""

from __future__ import annotations

import sys
from importlib.metadata import distributions

from linters.dependencies.declared import Declared, undeclared_imports, wrongly_declared
from linters.dependencies.licences import refused


def main() -> int:
    """Print what is wrong with the dependencies of this checkout and its environment."""
    declared, installed = Declared.read(), list(distributions())
    findings = [*wrongly_declared(declared), *undeclared_imports(declared), *refused(installed)]
    print(*findings, sep="\n", end="\n" if findings else "")
    print(f"Dependencies: {len(declared.all)} declared, {len(installed)} installed, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
