"""What tests need of the machine beside the locked packages, and Debian's packages that bring it.

`@pytest.mark.needs("chromium")` skips a test where the need is not met, with a reason that names the packages; where
$NEEDS_MUST_BE_MET is set, as continuous integration does, the test fails instead. `python -m tests.needs` prints the
packages of every unmet need. Belongs here: what is needed and whether it is there. Does not belong here: using it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

import pytest

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def chromium() -> str | None:
    """Path of a Chromium, or None."""
    return next((found for name in CHROMIUMS if (found := shutil.which(name))), None)


def has_chinese_font() -> bool:
    """Whether some font has the characters of the Chinese pages; without one they are drawn as boxes of one width."""
    listing = shutil.which("fc-list")
    return bool(listing and subprocess.run([listing, ":lang=zh"], capture_output=True, check=False).stdout.strip())


@dataclass(frozen=True)
class Need:
    """Something of the machine: in words, Debian's packages, and whether it is there."""

    words: str
    packages: tuple[str, ...]
    is_met: Callable[[], bool]


NEEDS = {
    "chromium": Need("Chromium", ("chromium",), lambda: chromium() is not None),
    "chinese_font": Need("a font with Chinese characters", ("fontconfig", "fonts-noto-cjk"), has_chinese_font),
}


def unmet(reason: str) -> NoReturn:
    """Skip the running test for this reason, or fail it where nothing may lack."""
    if os.environ.get("NEEDS_MUST_BE_MET"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def check(item: pytest.Item) -> None:
    """Skip or fail a test one of whose needs is not met."""
    for need in (NEEDS[name] for marker in item.iter_markers("needs") for name in marker.args):
        if not need.is_met():
            unmet(f"needs {need.words}: install {' '.join(need.packages)}")


if __name__ == "__main__":
    print(*(package for need in NEEDS.values() if not need.is_met() for package in need.packages))
