"""Every file of every kind is in form whatever the names are: short, long, in the order of the alphabet or not.

That the files work is shown where all kinds are added to a copy of the project (tests/end_to_end/test_new.py).
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from pipelines.settings.environment import PROJECT_ROOT
from pipelines.skeletons.names import LONGEST
from pipelines.skeletons.writing import TEMPLATES, Skeleton, write

KINDS = sorted(path.name for path in TEMPLATES.iterdir())
PLACES = (
    "domain source table entity mart model section system grade fact day dated amount count published truth key lines "
    "one personal paid"
)
BLOCKS = {"canonical": "- name: a", "conformed": "a,\nb", "united": "a", "described": "- name: a"}


def all_written(folder: Path, names: dict[str, str]) -> list[Path]:
    (folder / "pyproject.toml").write_text((PROJECT_ROOT / "pyproject.toml").read_text())
    written: dict[Path, None] = {}
    for kind in KINDS:
        written |= dict.fromkeys(write(Skeleton(kind, names, BLOCKS), folder))
    return [folder / path for path in written]


def test_there_is_a_template_of_each_kind() -> None:
    assert KINDS == ["domain", "entity", "grade", "mart", "model", "section", "source", "system"]


def names_of(form: Callable[[int], str]) -> dict[str, str]:
    """A name for every place; those that are put together of two are."""
    names = {place: form(number)[:LONGEST] for number, place in enumerate(PLACES.split())}
    published, truth = f"rpt_{names['domain']}_{names['mart']}", f"{names['system']}_{names['table']}"
    amount = f"{names['one']}_amount"
    return {**names, "published": published, "truth": truth, "amount": amount, "paid": amount}


@pytest.mark.parametrize("form", ["a{:02}", "z{:02}" + "y" * LONGEST])
def test_files_are_in_form_whatever_the_names_are(tmp_path: Path, form: str) -> None:
    files = all_written(tmp_path, names_of(form.format))
    assert len({file for file in files if file.suffix == ".py"}) > 20
    for file in files:
        text = file.read_text("utf-8")
        assert max(map(len, text.splitlines()), default=0) <= 120, file
        assert "\t" not in text and (not text or (text.endswith("\n") and not text.endswith("\n\n"))), file
        if file.suffix in (".yml", ".yaml"):
            assert yaml.safe_load(text)
    for command in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        ruff = [str(Path(sys.executable).with_name("ruff")), *command, "."]
        done = subprocess.run(ruff, cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
