"""Which texts a package says, read from its source: no page is drawn for it.

Belongs here: finding keys in code. Does not belong here: what must hold (test_text_use.py).
A key is said where it stands as a string. A key that is put together, as f"margin.{name}", is said where every part
that fills a gap stands as a string of its own in the same sources, or of the report's names. A label is looked up by
a name found in the data: `label("method", ...)` says all of `method.*`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

# Methods that look a text up: of the Language, and what makes one of a key.
SAYS = ("text",)
LABELS = ("label",)


@dataclass
class Said:
    """What sources say: `strings` anywhere, `patterns` of keys put together, `groups` of labels, `asked` keys given as
    they are where a text is looked up."""

    strings: set[str] = field(default_factory=set)
    patterns: set[tuple[str, ...]] = field(default_factory=set)
    groups: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)

    def says(self, key: str, names: Collection[str] = ()) -> bool:
        """Whether any of these sources can say the key; `names` may fill gaps too."""
        if key in self.strings or key.partition(".")[0] in self.groups:
            return True
        words = self.strings | set(names)
        for pattern in self.patterns:
            found = re.fullmatch("(.+)".join(re.escape(part) for part in pattern), key)
            if found and all(word in words for word in found.groups()):
                return True
        return False


def said_in(sources: Iterable[str]) -> Said:
    """What Python sources say; docstrings say nothing."""
    said = Said()
    for source in sources:
        tree = ast.parse(source)
        silent = _docstrings(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in silent:
                said.strings.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                said.patterns.add(_pattern(node))
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                _look_up(node.func.attr, node.args[0], said)
    # A pattern of gaps alone would match every key.
    said.patterns = {pattern for pattern in said.patterns if re.search("[a-z_.]", "".join(pattern))}
    return said


def sources_of(folder: Path, *, but: Collection[str] = ()) -> list[str]:
    """The Python files below a folder, those left out that define texts."""
    return [file.read_text(encoding="utf-8") for file in sorted(folder.rglob("*.py")) if file.name not in but]


def unsaid(texts: Mapping[str, object], said: Said, names: Collection[str] = ()) -> set[str]:
    """The texts that nothing says."""
    return {key for key in texts if not said.says(key, names)}


def _look_up(method: str, key: ast.expr, said: Said) -> None:
    if method in SAYS and isinstance(key, ast.Constant) and isinstance(key.value, str):
        said.asked.add(key.value)
    if method in LABELS and isinstance(key, ast.Constant):
        said.groups.add(str(key.value))


def _pattern(node: ast.JoinedStr) -> tuple[str, ...]:
    parts = [""]
    for value in node.values:
        if isinstance(value, ast.Constant):
            parts[-1] += str(value.value)
        else:
            parts.append("")
    return tuple(parts)


def _docstrings(tree: ast.Module) -> set[ast.expr]:
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return {
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, owners) and node.body and isinstance(node.body[0], ast.Expr)
    }
