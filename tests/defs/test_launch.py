"""What a run writes to stderr by itself stays away from a person's terminal; errors are told in one line."""

from __future__ import annotations

import sys
from contextlib import redirect_stderr
from pathlib import Path

import dagster as dg
import pytest

from pipelines.defs.launch import _Aside, _root


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


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (AssertionError(), ("AssertionError", "AssertionError")),
        (ValueError("days: none came\nand more"), ("ValueError", "days: none came")),
        (ValueError("\n\n  late"), ("ValueError", "  late")),
    ],
)
def test_an_error_is_told_by_its_first_line_or_else_its_name(raised: Exception, expected: tuple[str, str]) -> None:
    @dg.op
    def fails() -> None:
        raise raised

    result = dg.GraphDefinition("job", node_defs=[fails]).execute_in_process(raise_on_error=False)
    [failure] = [event for event in result.all_events if event.is_step_failure]
    assert _root(failure.step_failure_data.error) == expected
