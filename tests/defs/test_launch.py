"""What a run writes to stderr by itself stays away from a person's terminal."""

from __future__ import annotations

import sys
from contextlib import redirect_stderr
from pathlib import Path

from pipelines.defs.launch import _Aside


def test_stderr_of_a_run_goes_to_its_file(tmp_path: Path, capsys) -> None:
    with redirect_stderr(_Aside(tmp_path / "stderr.log")):
        print("first", file=sys.stderr)
        sys.stderr.write("second\n")
    assert (tmp_path / "stderr.log").read_text() == "first\nsecond\n"
    assert capsys.readouterr().err == ""


def test_a_file_that_cannot_be_written_stops_nothing(tmp_path: Path, capsys) -> None:
    with redirect_stderr(_Aside(tmp_path / "nowhere" / "stderr.log")):
        print("lost", file=sys.stderr)
    assert capsys.readouterr().err == ""
