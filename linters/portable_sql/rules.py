"""What a rule is, and the check of one model against all of them. The rules themselves: words.py, shapes.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from linters.portable_sql.reading import Reading


@dataclass(frozen=True)
class Breach:
    """What breaks a rule, and in which line of the compiled SQL; `instead` where the rule's own form does not fit."""

    line: int
    what: str
    instead: str | None = None


@dataclass(frozen=True)
class Rule:
    """`instead`: the macro or form that both engines read alike."""

    name: str
    instead: str
    breaches: Callable[[Reading], Iterator[Breach]]


@dataclass(frozen=True, order=True)
class Finding:
    """A breach that no exception covers, or an exception that covers none. `text` is the line as compiled."""

    path: str
    place: str
    rule: str
    what: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.place}: {self.rule}: {self.what}\n    {self.text}"


@dataclass(frozen=True)
class Verdict:
    """What the check of a model gave: findings, and the exceptions that were used, as (path, rule, reason)."""

    findings: list[Finding]
    excepted: set[tuple[str, str, str]]


RULES: dict[str, Rule] = {}
UNUSED, UNREADABLE = "unused-exception", "unreadable"


def rule(name: str, instead: str) -> Callable[[Callable[[Reading], Iterator[Breach]]], None]:
    """Register a function that finds the breaches of a rule."""

    def register(breaches: Callable[[Reading], Iterator[Breach]]) -> None:
        RULES[name] = Rule(name, instead, breaches)

    return register
