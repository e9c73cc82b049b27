"""The readme keeps its word: its commands run, in order, and print what it says.

Left out are only the lines that set the environment up or never end: `make test`, `make serve`. `make demo` is the
command behind it, because making the environment anew would replace the one that runs this test; it is run once for all
tests that read its home (tests/simulated_home.py), and the other commands are given a copy.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

from pipelines.settings.environment import PROJECT_ROOT
from tests import homes
from tests.simulated_home import demo
from tests.warm_command import WarmCommand

pytestmark = pytest.mark.slow

PAGES = ("README.md", "README.zh-CN.md")
LEFT_OUT = ("make test", "make serve")


def blocks(page: str, language: str) -> list[str]:
    text = (PROJECT_ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def runnable(block: str, place: Path) -> str:
    script = "\n".join(line for line in block.splitlines() if not line.startswith(LEFT_OUT))
    ends = r"if \1; then exit 99; else test $? -eq \2; fi"
    script = re.sub(r"^(\S.*\S) +# ends with ([0-9]).*$", ends, script, flags=re.MULTILINE)
    return script.replace(".venv/bin/", f"{place}/")


def without_what_varies(text: str) -> list[str]:
    """Without the home's place, and without digests: these change with every column that is added."""
    text = re.sub(r"\S+/(published/current|grades.json)", r"HOME/\1", text)
    return re.sub(r"digest [0-9a-f]+", "digest", text).strip().splitlines()


def shows(printed: list[str], promised: list[str]) -> list[str]:
    """What of the promised lines was not printed in their order; a line with … stands for any others between."""
    place, missing = 0, []
    for line in promised:
        if line.strip() == "…":
            continue
        if line in printed[place:]:
            place = printed.index(line, place) + 1
        else:
            missing.append(line)
    return missing


@pytest.fixture
def readme(tmp_path: Path) -> Path:
    """The place in which the readme's first command has been run, to go on with."""
    return homes.copy_of(demo, tmp_path)


def test_commands_of_the_readme(readme: Path, tmp_path: Path, warm_command: WarmCommand) -> None:
    place = warm_command.put_into(tmp_path / "environment")
    environment = {**os.environ, "ALMANAC_HOME": str(readme / "home")}
    printed = [(readme / "said.txt").read_text()]
    for block in blocks("README.md", "sh")[1:]:
        script = runnable(block, place)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=PROJECT_ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=900,  # on a machine with other work; the proofs measure how long it takes
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        printed.append(done.stdout)
    (promised,) = blocks("README.md", "text")
    assert shows(without_what_varies(printed[0]), without_what_varies(promised)) == []
    assert any("2025-04-01" in text for text in printed), "the query of the readme shows the last month"


@pytest.mark.parametrize("language", ["sh", "text", "mermaid"])
def test_both_languages_show_the_same_blocks(language: str) -> None:
    english, chinese = (["\n".join(code(b)) for b in blocks(page, language)] for page in PAGES)
    assert english == chinese or language == "mermaid"
    assert len(english) == len(chinese) > 0


def code(block: str) -> list[str]:
    """Lines without their comments, which are in the page's language."""
    return [line.split("  #")[0].rstrip() for line in block.splitlines()]


@pytest.mark.parametrize("page", PAGES)
def test_links_of_the_readme_lead_somewhere(page: str) -> None:
    text = (PROJECT_ROOT / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)", text) if "://" not in link]
    assert links
    assert [link for link in links if not (PROJECT_ROOT / link).exists()] == []
