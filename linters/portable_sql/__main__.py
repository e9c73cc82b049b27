"""`make lint` runs it: every rule over every model of every shop; exit code 1 where one is broken."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from pathlib import Path

from linters.portable_sql.compiled import compiled_models
from linters.portable_sql.judging import check
from linters.portable_sql.rules import RULES, Finding
from pipelines.settings.environment import load_settings, shops_dir


def main() -> int:
    """Print the findings, each once however many shops have it, and the exceptions."""
    findings: set[Finding] = set()
    excepted: set[tuple[str, str, str]] = set()
    models: set[str] = set()
    shops = sorted(path.stem for path in shops_dir().glob("*.yaml"))
    for shop in shops:
        with tempfile.TemporaryDirectory(prefix="almanac-lint-") as home:
            for model in compiled_models(load_settings(shop, Path(home), environment={})):
                verdict = check(model)
                models.add(model.path)
                findings |= set(verdict.findings)
                excepted |= verdict.excepted
    for finding in sorted(findings):
        print(finding)
    reasons = Counter((rule, reason) for _, rule, reason in excepted)
    for (rule, reason), count in sorted(reasons.items()):
        print(f"exception, {count} times: {rule}: {reason}")
    summary = f"{len(models)} models of {len(shops)} shops, {len(RULES)} rules, {len(excepted)} exceptions"
    print(f"Portable SQL: {summary}, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
