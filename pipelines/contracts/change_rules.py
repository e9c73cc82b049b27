"""Whom a change of a contract breaks: a rule per place in the file.

The idea: a contract admits data. Where it admits less (tightened), who delivers may be refused; where it admits more or
promises less (loosened), who reads may meet what it never met; otherwise (changed) both. Who delivers and who reads
depends on the family: docs/decisions/0016-contract-changes.md.

Belongs here: the rules and the table of families. Does not belong: finding differences (changes.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pipelines.contracts.change_limits import (
    Direction,
    bound_direction,
    limit_direction,
    subset_direction,
    type_direction,
)
from pipelines.contracts.contract import Bound
from pipelines.contracts.normal_form import Family

Breaks = Literal["none", "consumers", "producers", "both"]
Step = Literal["none", "patch", "minor", "major"]


class _Absent:
    """What stands where there is nothing; None is a value of YAML."""

    def __repr__(self) -> str:
        return "nothing"


ABSENT: Any = _Absent()


@dataclass(frozen=True)
class Difference:
    """One difference of two normal forms; `old` and `new` are the column, rule or term that it is in, else empty.

    `file_format` is that of the delivered files (csv, jsonl, parquet); it decides what a file without a column means.
    """

    path: tuple[str, ...]
    before: Any
    after: Any
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    file_format: str = "csv"


@dataclass(frozen=True)
class Verdict:
    """What a difference is called, which way it goes, whom it breaks, which step of the version it takes."""

    kind: str
    direction: Direction
    breaks: Breaks
    step: Step


# Whom a change breaks that tightens, loosens or changes what is admitted. The producer of a published table is the
# model that its contract is generated from: it cannot be broken by it, so a tighter promise to readers breaks nobody.
BREAKS: Mapping[Family, Mapping[str, Breaks]] = {
    "sources": {"tightened": "producers", "loosened": "consumers", "changed": "both"},
    "canonical": {"tightened": "producers", "loosened": "consumers", "changed": "both"},
    "outputs": {"tightened": "producers", "loosened": "consumers", "changed": "both"},
    "vocabulary": {"tightened": "producers", "loosened": "consumers", "changed": "both"},
    "published": {"tightened": "none", "loosened": "consumers", "changed": "consumers"},
}
PERSONAL = ("none", "pseudonym", "direct")
Rule = Callable[[Family, Difference], Verdict]


def classify(family: Family, difference: Difference) -> Verdict:
    """The verdict of the first rule whose place fits; breaking for both sides where none does."""
    for pattern, rule in RULES:
        if _fits(pattern, difference.path):
            return rule(family, difference)
    return _verdict("unnamed change", "changed", "both")


def renamed_column(family: Family) -> Verdict:
    """A column that has another name and else is the same."""
    return _verdict("column renamed", "changed", BREAKS[family]["changed"])


def renamed_rule(family: Family, rule: Mapping[str, Any]) -> Verdict:
    """The name of a source's rule is a reason code that is published; a warning's or a generated rule's is none."""
    breaks: Breaks = "consumers" if family == "sources" and rule.get("severity") != "warning" else "none"
    return _verdict("rule renamed", "changed", breaks)


def reordered(family: Family, file_format: str) -> Verdict:
    """A CSV header must have the contract's order, and so must a conformed model; all else is read by name."""
    by_position = family == "canonical" or (family == "sources" and file_format == "csv")
    breaks: Breaks = "producers" if by_position else "none"
    return Verdict("columns reordered", "changed", breaks, "major" if breaks != "none" else "patch")


def _fits(pattern: tuple[str, ...], path: tuple[str, ...]) -> bool:
    if pattern[-1:] == ("**",):
        pattern, path = pattern[:-1], path[: len(pattern) - 1]
    return len(pattern) == len(path) and all(want in ("*", got) for want, got in zip(pattern, path, strict=True))


def _verdict(kind: str, direction: Direction, breaks: Breaks) -> Verdict:
    return Verdict(kind, direction, breaks, "major" if breaks != "none" else "minor")


def _directed(family: Family, what: str, direction: Direction) -> Verdict:
    return _verdict(f"{what} {direction}", direction, BREAKS[family][direction])


def _contract(family: Family, difference: Difference) -> Verdict:
    if difference.before is ABSENT:
        return _verdict("contract added", "added", "none")
    return _verdict("contract removed", "removed", "consumers" if family == "published" else "both")


def _text(kind: str, step: Step = "patch") -> Rule:
    return lambda family, difference: Verdict(kind, "text", "none", step)


def _changed(kind: str) -> Rule:
    return lambda family, difference: _verdict(kind, "changed", BREAKS[family]["changed"])


def _limit(what: str, low: bool) -> Rule:
    return lambda family, d: _directed(family, what, limit_direction(_value(d.before), _value(d.after), low=low))


def _value(value: Any) -> Any:
    return None if value is ABSENT else value


def _only_there(what: str) -> Rule:
    """Something that narrows just by standing there: a pattern, a foreign key, a promised rhythm."""

    def rule(family: Family, d: Difference) -> Verdict:
        if not _value(d.before):
            return _verdict(f"{what} added", "tightened", BREAKS[family]["tightened"])
        if not _value(d.after):
            return _verdict(f"{what} removed", "loosened", BREAKS[family]["loosened"])
        return _verdict(f"{what} changed", "changed", BREAKS[family]["changed"])

    return rule


def _column(family: Family, d: Difference) -> Verdict:
    """CSV and Parquet files and conformed models must have all columns; a JSON line or a model's statement may leave an
    optional one out. A column that the contract does not name is refused in any file."""
    if d.after is ABSENT:
        return _verdict("column removed", "removed", "consumers" if family == "published" else "both")
    required = isinstance(d.after, Mapping) and d.after.get("required") is True
    may_lack_it = family == "outputs" or (family == "sources" and d.file_format == "jsonl")
    free = family == "published" or (may_lack_it and not required)
    return _verdict(f"{'required' if required else 'optional'} column added", "added", "none" if free else "producers")


def _type(family: Family, d: Difference) -> Verdict:
    direction = type_direction(str(d.before), str(d.after))
    words = {"loosened": "type widened", "tightened": "type narrowed"}
    return _verdict(words.get(direction, "type changed"), direction, BREAKS[family][direction])


def _required(family: Family, d: Difference) -> Verdict:
    if isinstance(d.before, bool) and isinstance(d.after, bool):
        direction: Direction = "tightened" if d.after else "loosened"
        return _verdict("made required" if d.after else "made optional", direction, BREAKS[family][direction])
    return _verdict("required changed", "changed", "both")


def _personal(family: Family, d: Difference) -> Verdict:
    """Dropped: what was promised to be protected no longer is. Raised: readers must protect it, or lose its text."""
    if d.before not in PERSONAL or d.after not in PERSONAL:
        return _verdict("personal-data class changed", "changed", "both")
    if PERSONAL.index(d.after) < PERSONAL.index(d.before):
        return _verdict("personal-data class dropped", "loosened", "both")
    return _verdict("personal-data class raised", "tightened", "consumers")


def _staging(family: Family, d: Difference) -> Verdict:
    """What staging calls a column stays inside the project: neither who delivers nor who reads meets it."""
    if all(side is ABSENT or isinstance(side, str | bool | None) for side in (d.before, d.after)):
        return Verdict("staging changed", "text", "none", "none")
    return _verdict("staging changed", "changed", "both")


def _measure(kind: str) -> Rule:
    """What money or a column is measured in or summed to: to name it for the first time breaks nobody."""

    def rule(family: Family, d: Difference) -> Verdict:
        if d.before is ABSENT:
            return _verdict(f"{kind} added", "added", "none")
        reads_only = family == "published" or kind.endswith("control total")
        word = "removed" if d.after is ABSENT else "changed"
        return _verdict(f"{kind} {word}", word, "consumers" if reads_only else "both")  # type: ignore[arg-type]

    return rule


def _whose_money(family: Family, d: Difference) -> Verdict:
    """Which facts a control total is held against, and in whose bridge it stands. To say it for the first time takes no
    step of the version, which is written beside every row: it says no more than what the models made of the rows."""
    if d.before is ABSENT:
        return Verdict("entity of the control total added", "added", "none", "none")
    return _measure("entity of the control total")(family, d)


def _file_format(family: Family, d: Difference) -> Verdict:
    return _verdict("file format changed", "changed", "producers")


def _physical_name(family: Family, d: Difference) -> Verdict:
    return _verdict("physical name changed", "changed", "consumers" if family in ("sources", "published") else "both")


def _status(family: Family, d: Difference) -> Verdict:
    if d.after == "retired":
        return _verdict("contract retired", "changed", BREAKS[family]["changed"])
    return _verdict("contract deprecated" if d.after == "deprecated" else "status changed", "changed", "none")


def _is_gentle(d: Difference) -> bool:
    """Whether the rule only warns, before and after: it admits and refuses nothing."""
    return all(not side or side.get("severity") == "warning" for side in (d.old, d.new))


def _rule(family: Family, d: Difference) -> Verdict:
    rule = d.after if d.before is ABSENT else d.before
    if not isinstance(rule, Mapping):
        return _verdict("rule changed", "changed", "both")
    what = "row rule" if rule.get("grain") == "row" else "day rule" if family == "sources" else "rule"
    direction: Direction = "tightened" if d.before is ABSENT else "loosened"
    breaks = "none" if rule.get("severity") == "warning" else BREAKS[family][direction]
    return _verdict(f"{what} {'added' if d.before is ABSENT else 'removed'}", direction, breaks)


def _of_rule(what: str, direction_of: Callable[[Any, Any], Direction]) -> Rule:
    def rule(family: Family, d: Difference) -> Verdict:
        verdict = _directed(family, what, direction_of(d.before, d.after))
        return _verdict(verdict.kind, verdict.direction, "none") if _is_gentle(d) else verdict

    return rule


def _bounds(before: Any, after: Any) -> Direction:
    return bound_direction(before, after) if isinstance(before, Bound) and isinstance(after, Bound) else "changed"


def _severities(before: Any, after: Any) -> Direction:
    if [before, after] == ["warning", "error"]:
        return "tightened"
    return "loosened" if [before, after] == ["error", "warning"] else "changed"


def _otherwise(before: Any, after: Any) -> Direction:
    return "changed"


def _types(family: Family, d: Difference) -> Verdict:
    return _directed(family, "types", subset_direction(d.before, d.after))


def _term(family: Family, d: Difference) -> Verdict:
    return (
        _verdict("term added", "added", "none") if d.before is ABSENT else _verdict("term removed", "removed", "both")
    )


OPTIONS = ("columns", "*", "logicalTypeOptions")
CUSTOM = ("columns", "*", "customProperties")
TEXTS: tuple[tuple[str, ...], ...] = (
    ("description", "**"),
    ("name",),
    ("domain",),
    ("tags",),
    ("table", "description"),
    ("table", "businessName"),
    ("table", "dataGranularityDescription"),
    ("columns", "*", "description"),
    ("columns", "*", "businessName"),
    ("columns", "*", "examples"),
    ("rules", "*", "description"),
    ("rules", "*", "dimension"),
    ("slaProperties", "*", "description"),
    ("terms", "*", "description"),
)
FILE_FORMAT = ("format", "encoding", "delimiter", "quote", "escape", "header")
# Place in the normal form -> rule; the first that fits is taken, so what is special stands first.
RULES: tuple[tuple[tuple[str, ...], Rule], ...] = (
    ((), _contract),
    (("version",), _text("version changed", "none")),
    *((place, _text("description changed")) for place in TEXTS),
    (("team", "**"), _text("owner changed")),
    (("status",), _status),
    (("slaProperties", "latency"), _only_there("freshness")),
    (("slaProperties", "latency", "hours"), _limit("freshness", low=False)),
    (("slaProperties", "frequency", "**"), _only_there("rhythm of delivery")),
    (("table", "physicalName"), _physical_name),
    (("key",), _changed("key changed")),
    (("custom", "rowKey"), _changed("key changed")),
    (("custom", "documentKey"), _changed("document key changed")),
    (("custom", "eventTimestamp"), _changed("event timestamp changed")),
    (("custom", "sourceUpdatedAt"), _changed("order of versions changed")),
    (("custom", "controlTotal"), _measure("control total")),
    (("custom", "controlRows"), _measure("rows of the control total")),
    (("custom", "controlEntity"), _whose_money),
    (("custom", "gradedWith"), _text("grading changed")),
    (("custom", "fileFormat"), _changed("file format changed")),
    *((("custom", "fileFormat", key), _file_format) for key in FILE_FORMAT),
    (("columns", "*"), _column),
    (("columns", "*", "type"), _type),
    (("columns", "*", "required"), _required),
    (("columns", "*", "relationships"), _only_there("foreign key")),
    ((*OPTIONS, "pattern"), _only_there("pattern")),
    ((*OPTIONS, "minLength"), _limit("length", low=True)),
    ((*OPTIONS, "maxLength"), _limit("length", low=False)),
    ((*OPTIONS, "minimum"), _limit("minimum", low=True)),
    ((*OPTIONS, "maximum"), _limit("maximum", low=False)),
    ((*OPTIONS, "format"), _changed("time format changed")),
    ((*OPTIONS, "timezone"), _changed("time zone changed")),
    ((*OPTIONS, "defaultTimezone"), _changed("time zone changed")),
    ((*CUSTOM, "personalData"), _personal),
    ((*CUSTOM, "currencyColumn"), _measure("currency")),
    ((*CUSTOM, "stagedAs"), _staging),
    ((*CUSTOM, "stagedTrimmed"), _staging),
    (("rules", "*"), _rule),
    (("rules", "*", "bound"), _of_rule("rule", _bounds)),
    (("rules", "*", "severity"), _of_rule("severity", _severities)),
    (("rules", "*", "arguments.validValues"), _of_rule("admitted values", lambda b, a: subset_direction(b, a))),
    *(
        (("rules", "*", key), _of_rule("rule", _otherwise))
        for key in ("type", "metric", "query", "unit", "grain", "column", "arguments.properties")
    ),
    (("terms", "*"), _term),
    (("terms", "*", "types"), _types),
    (("terms", "*", "personal_data"), _personal),
)
