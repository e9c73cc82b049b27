"""What changed between two states of the contracts, and whom it breaks: every difference is found and classed.

Belongs here: the comparison. It is pure: plain data in, changes out. A difference that no rule of change_rules.py
names is breaking for both sides, so nothing new can pass silently. Does not belong: the rules themselves, reading files
(released.py), versions (version_steps.py).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.contracts.change_limits import Direction
from pipelines.contracts.change_rules import (
    ABSENT,
    Breaks,
    Difference,
    Step,
    Verdict,
    classify,
    renamed_column,
    renamed_rule,
    reordered,
)
from pipelines.contracts.change_texts import shown, told
from pipelines.contracts.normal_form import Family, Tree, normal_form

# Whose entries are things with a name: one that is only on one side is one change, not one per leaf.
NAMED = ("columns", "rules", "terms", "slaProperties")
# Where columns are named outside `columns`; a renamed one is renamed there too, so that one rename is one change.
NAMES_OF_COLUMNS = ("rowKey", "documentKey", "eventTimestamp", "sourceUpdatedAt")


@dataclass(frozen=True)
class Change:
    """One change. `contract` is its file below data_contracts without ending, `place` where in it, `text` one line.

    `breaks` names who can no longer rely on the contract; `step` is the least step of the contract's version.
    """

    contract: str
    place: str
    kind: str
    direction: Direction
    text: str
    breaks: Breaks
    step: Step


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """All changes from `before` to `after`, each a mapping from contract name (`sources/<source>/<table>`,
    `vocabulary`) to the file's plain data. Ordered by contract, then place in the file; empty when nothing changed."""
    changes: list[Change] = []
    for name in sorted({*before, *after}):
        old, new = before.get(name, ABSENT), after.get(name, ABSENT)
        if old is ABSENT or new is ABSENT:
            changes.append(_change(name, Difference((), old, new, {}, {})))
        else:
            changes += _compare_contract(name, old, new)
    return tuple(changes)


def family_of(contract: str) -> Family:
    """The folder of a contract's file, which says between whom it is agreed."""
    return contract.split("/", 1)[0]  # type: ignore[return-value]  # released.py reads these folders only


def _compare_contract(name: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    family = family_of(name)
    old, new = normal_form(family, before), normal_form(family, after)
    changes = []
    columns = _renames(old.get("columns"), new.get("columns"), _same_column)
    for was, now in columns.items():
        changes.append(_named_change(name, f"column {was}", renamed_column(family), f"{was} -> {now}"))
    _rename_columns(old, columns)
    for was, now in _renames(old.get("rules"), new.get("rules"), _same_rule).items():
        verdict = renamed_rule(family, new["rules"][now])
        changes.append(_named_change(name, f"rule {was}", verdict, f"{was} -> {now}"))
        old["rules"] = {now if key == was else key: rule for key, rule in old["rules"].items()}
    form = _file_format(new)
    found = _differences((), old, new, {}, {})
    changes += [_change(name, dataclasses.replace(difference, file_format=form)) for difference in found]
    changes += _order(name, reordered(family, form), old.get("columns"), new.get("columns"))
    return changes


def _file_format(tree: Tree) -> str:
    """Format of the delivered files; csv, the strictest, where none is named."""
    custom = tree.get("custom")
    given = custom.get("fileFormat") if isinstance(custom, dict) else None
    return str(given.get("format", "csv")) if isinstance(given, dict) else "csv"


def _differences(
    path: tuple[str, ...], before: Any, after: Any, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Difference]:
    """Every leaf and every named thing that is not the same on both sides; `old`, `new`: the thing it is in."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        if len(path) == 2 and path[0] in NAMED:
            old, new = before, after
        for key in {**before, **after}:
            yield from _differences((*path, str(key)), before.get(key, ABSENT), after.get(key, ABSENT), old, new)
    elif not _same(before, after):
        yield Difference(path, before, after, old, new)


def _same(before: Any, after: Any) -> bool:
    """Equal, true and 1 told apart (YAML has both), in lists too."""
    if isinstance(before, list) and isinstance(after, list):
        return len(before) == len(after) and all(map(_same, before, after))
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return before.keys() == after.keys() and all(_same(before[key], after[key]) for key in before)
    return bool(before == after) and isinstance(before, bool) == isinstance(after, bool)


def _change(contract: str, difference: Difference) -> Change:
    place = " ".join(_place(difference.path)) or "contract"
    text = told(difference.before, difference.after)
    return _named_change(contract, place, classify(family_of(contract), difference), text)


def _named_change(contract: str, place: str, verdict: Verdict, text: str) -> Change:
    return Change(contract, place, verdict.kind, verdict.direction, text, verdict.breaks, verdict.step)


def _place(path: tuple[str, ...]) -> list[str]:
    if len(path) > 1 and path[0] in NAMED:
        thing = {"columns": "column", "rules": "rule", "terms": "term", "slaProperties": "service level"}[path[0]]
        rest = [part for part in path[2:] if part not in ("logicalTypeOptions", "customProperties")]
        return [thing, path[1], *([".".join(rest)] if rest else [])]
    return [".".join(part for part in path if part not in ("custom", "table"))] if path else []


def _renames(before: Any, after: Any, same: Any) -> dict[str, str]:
    """Old name -> new name of things that went and came again alike; each is taken once."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        return {}
    gone, come = [name for name in before if name not in after], [name for name in after if name not in before]
    found: dict[str, str] = {}
    places = {name: place for names in (before, after) for place, name in enumerate(names)}
    for was in gone:
        for now in come:
            if now not in found.values() and same(before[was], after[now], places[was] == places[now]):
                found[was] = now
                break
    return found


def _same_column(before: Tree, after: Tree, same_place: bool) -> bool:
    described = before.get("description") == after.get("description")
    return before.get("type") == after.get("type") and (described or same_place)


def _same_rule(before: Tree, after: Tree, _: bool) -> bool:
    texts = ("description", "dimension")
    rest = [{key: value for key, value in rule.items() if key not in texts} for rule in (before, after)]
    return _same(*rest)


def _rename_columns(tree: Tree, renames: Mapping[str, str]) -> None:
    """Give the columns of `tree` their new names, wherever they are named but in SQL texts."""
    if not renames:
        return

    def new(name: Any) -> Any:
        if isinstance(name, list):
            return [new(part) for part in name]
        return renames.get(name, name) if isinstance(name, str) else name

    tree["columns"] = {new(name): column for name, column in tree["columns"].items()}
    if "key" in tree:
        tree["key"] = new(tree["key"])
    if isinstance(tree.get("custom"), dict):
        tree["custom"] = {
            name: new(value) if name in NAMES_OF_COLUMNS else value for name, value in tree["custom"].items()
        }
    if isinstance(tree.get("rules"), dict):
        named = ("column", "arguments.properties")
        tree["rules"] = {
            name: {key: new(value) if key in named else value for key, value in rule.items()}
            for name, rule in tree["rules"].items()
        }


def _order(contract: str, verdict: Verdict, before: Any, after: Any) -> list[Change]:
    if not isinstance(before, dict) or not isinstance(after, dict):
        return []
    old, new = [name for name in before if name in after], [name for name in after if name in before]
    if old == new:
        return []
    moved = [name for was, name in zip(old, new, strict=True) if was != name]
    return [_named_change(contract, "columns", verdict, f"now in the order {shown(moved)}")]
