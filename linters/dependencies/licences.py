"""The licences of what is installed: allowed, or one line that names the package.

A distribution tells its licence as an SPDX expression, by classifiers or in words; the first of these that is there is
read. Classifiers do not say whether one of them or all hold, so all must be allowed.
Belongs here: which are allowed, and how they are spelled. Does not belong here: what is declared (declared.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution

from packaging.utils import canonicalize_name

# Nobody who uses or changes the project must publish what is his. Of MPL-2.0 only its own files must stay open.
ALLOWED = {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "ISC", "MIT", "MIT-0",
           "MPL-2.0", "PSF-2.0", "Zlib"}  # fmt: skip
# What distributions without an expression write, and which licence they mean.
SPELLINGS = {
    "Apache 2.0": "Apache-2.0",
    "Apache License 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD": "BSD-3-Clause",
    "3-Clause BSD License": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
# Allowed in spite of what they tell, each with its reason.
EXCEPTIONS = {
    "text-unidecode": "the Artistic License or the GPL, as the receiver chooses; the Artistic License is chosen",
}


def refused(installed: Iterable[Distribution]) -> Iterator[str]:
    """A line for every distribution whose licence is not allowed or not known."""
    for distribution in sorted(installed, key=lambda found: canonicalize_name(found.name)):
        told = told_licences(distribution)
        if canonicalize_name(distribution.name) in EXCEPTIONS or (told and all(map(is_allowed, told))):
            continue
        what = f"{', '.join(told)} is not allowed" if told else "tells no licence"
        yield f"{distribution.name} {distribution.version}: {what}; see linters/dependencies/licences.py"


def told_licences(distribution: Distribution) -> list[str]:
    """The licences that a distribution tells: its expression, or its classifiers, or its own words."""
    if expressions := _told(distribution, "License-Expression"):
        return expressions
    classifiers = [line.split(" :: ") for line in _told(distribution, "Classifier")]
    if named := [parts[-1] for parts in classifiers if parts[0] == "License" and parts[-1] != "OSI Approved"]:
        return named
    return [words.splitlines()[0] for words in _told(distribution, "License")]


def _told(distribution: Distribution, field: str) -> list[str]:
    found = [value.strip() for value in distribution.metadata.get_all(field) or ()]
    return [value for value in found if value not in ("", "UNKNOWN")]


def is_allowed(told: str) -> bool:
    """Whether a licence, or an SPDX expression of them (OR binds weaker than AND), is allowed."""
    words = re.findall(r"[()]|[^\s()]+", SPELLINGS.get(told, told))
    allowed, rest = _either(words)
    return allowed and not rest


def _either(words: list[str]) -> tuple[bool, list[str]]:
    allowed, rest = _both(words)
    while rest and rest[0] == "OR":
        other, rest = _both(rest[1:])
        allowed = allowed or other
    return allowed, rest


def _both(words: list[str]) -> tuple[bool, list[str]]:
    allowed, rest = _one(words)
    while rest and rest[0] == "AND":
        other, rest = _one(rest[1:])
        allowed = allowed and other
    return allowed, rest


def _one(words: list[str]) -> tuple[bool, list[str]]:
    if words and words[0] == "(":
        allowed, rest = _either(words[1:])
        return allowed and rest[:1] == [")"], rest[1:]
    return (words[0] in ALLOWED, words[1:]) if words else (False, ["nothing"])
