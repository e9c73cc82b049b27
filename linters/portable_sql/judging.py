"""A compiled model held against all rules. No rule belongs here (shapes.py, words.py)."""

from __future__ import annotations

from collections.abc import Iterator

from linters.portable_sql import shapes, words  # noqa: F401  they register their rules
from linters.portable_sql.reading import EXCEPTION_MARK, CompiledModel, Reading
from linters.portable_sql.rules import RULES, UNREADABLE, UNUSED, Finding, Verdict


def check(model: CompiledModel) -> Verdict:
    """Judge a model by all rules."""
    from sqlglot.errors import SqlglotError

    reading = Reading(model)
    try:
        assert reading.tree and reading.tokens
    except SqlglotError as error:
        return Verdict([_finding(model, 1, UNREADABLE, " ".join(str(error).split())[:200])], set())
    allowed = dict(_exceptions(reading))
    findings, used = [], set()
    for each in RULES.values():
        for breach in dict.fromkeys(each.breaches(reading)):
            if (breach.line, each.name) in allowed:
                used.add((breach.line, each.name))
            else:
                instead = breach.instead or each.instead
                findings.append(_finding(model, breach.line, each.name, f"{breach.what}; use {instead}"))
    for line, name in allowed.keys() - used:
        findings.append(_finding(model, line, UNUSED, f"nothing here breaks `{name}`; take the comment out"))
    return Verdict(findings, {(model.path, name, allowed[line, name]) for line, name in used})


def _exceptions(reading: Reading) -> Iterator[tuple[tuple[int, str], str]]:
    """((line, rule), reason) of each `-- portable: rule: reason`: it holds for its own line, or, standing alone, for
    the next one with code."""
    lines = sorted({token.line for token in reading.tokens})
    for line, text in reading.comments():
        if text.startswith(EXCEPTION_MARK):
            name, _, reason = text.removeprefix(EXCEPTION_MARK).strip().partition(":")
            # Without a reason it is no exception, and what it was to cover is found.
            if len(reason.split()) >= 3:
                yield (next((at for at in lines if at >= line), line), name.strip()), reason.strip()


def _finding(model: CompiledModel, line: int, name: str, what: str) -> Finding:
    """The place is a line of the file where the compiled one stands there once, else of what was compiled."""
    text = model.sql.splitlines()[line - 1].strip() if model.sql else ""
    places = [number for number, own in enumerate(model.source.splitlines(), 1) if own.strip() == text]
    return Finding(model.path, str(places[0]) if len(places) == 1 else f"compiled line {line}", name, what, text)
