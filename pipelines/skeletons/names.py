"""Names of what is added, and how a template is filled with them.

Belongs here: which name can be given, what one of several is called, what stands in a template's place of a name. Does
not belong here: whether a name is taken (project.py, standing.py).
A template speaks of `my_mart`, `My mart`, `MY MART` (in words) and `my-mart` (in an id). A line that is `-- my_columns`
or `# my_columns` in a comment of its language becomes lines of its own indentation.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from pathlib import Path

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
# Names meet in one line: `from pipelines.domains.<domain>.report.<section>.section import <section>` has at most 120
# characters with three names of 24.
LONGEST = 24
RESERVED = Path(__file__).with_name("reserved.txt")
# How a name ends and how one of several is then called; the first that fits. CONTRIBUTING.md says it too.
SINGULAR = (
    *(("ies", "y"), ("ches", "ch"), ("shes", "sh"), ("sses", "ss"), ("xes", "x"), ("zes", "z")),
    *((ending, ending) for ending in ("ss", "us", "is")),
    ("s", ""),
)


class SkeletonError(ValueError):
    """What cannot be added; the message is one line: what, where, what to do."""


def check_name(kind: str, name: str, option: str = "NAME") -> None:
    """Refuse a name, given as `option`, that cannot be a folder, a module, a column and a table at once. Raises
    SkeletonError."""
    told = f"{option} {name!r} cannot name this {kind}"
    if not NAME.fullmatch(name):
        raise SkeletonError(f"{told}: use lower-case letters, digits and single _ between them, a letter first")
    if len(name) > LONGEST:
        raise SkeletonError(f"{told}: it has {len(name)} characters, use at most {LONGEST}")
    if keyword.iskeyword(name) or keyword.issoftkeyword(name) or name in reserved_words():
        raise SkeletonError(f"{told}: it is a reserved word of Python, SQL or the project, choose another")


def reserved_words() -> set[str]:
    """The words that are no names beside those of Python: one or more a line, what follows # says why."""
    lines = RESERVED.read_text("utf-8").splitlines()
    return {word for line in lines for word in line.partition("#")[0].split()}


def singular(name: str) -> str:
    """What one row of several is called, `stamp` of `stamps`: by the ending alone, and the name itself where it has
    none of SINGULAR or nothing before it."""
    for ending, instead in SINGULAR:
        if name.endswith(ending) and len(name) > len(ending):
            return name.removesuffix(ending) + instead
    return name


def filled(template: str, names: Mapping[str, str], blocks: Mapping[str, str] | None = None) -> str:
    """The template with every name in its place, and with lines for those that stand for several. Raises KeyError for
    a place that has no name.

    names   what `my_<key>` and its other forms stand for
    blocks  lines by the name of the comment that they replace, `my_<key>`
    """
    for key, lines in (blocks or {}).items():
        place = re.compile(rf"^([ ]*)(?:--|#) my_{key}\n", re.MULTILINE)
        template = place.sub(lambda found, lines=lines: _indented(lines, found[1]), template)  # type: ignore[misc]
    return re.sub(r"(my|My|MY)([_ -])([a-z]+|[A-Z]+)(?![a-z])", lambda found: _form(found, names), template)


def _form(found: re.Match[str], names: Mapping[str, str]) -> str:
    first, between, key = found.groups()
    if key.lower() not in names:
        if between == "_":
            raise KeyError(found[0])
        return found[0]
    name = names[key.lower()]
    if between == "_":
        return name
    words = name.replace("_", between)
    return words.capitalize() if first == "My" else words


def _indented(lines: str, indentation: str) -> str:
    return "".join(f"{indentation}{line}\n" if line else "\n" for line in lines.splitlines())
