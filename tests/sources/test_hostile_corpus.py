"""Every file of the hostile corpus through the real ingestion: what must become of it does, and no row is unaccounted.

Belongs here: delivering the corpus and the accounting of files and rows. The cases lie in hostile/.
"""

from __future__ import annotations

import functools
from typing import Any

import pytest

from tests.sources.hostile import csv_cases, jsonl_cases, parquet_cases
from tests.sources.hostile.corpus import HostileFile, Outcome, build
from tests.sources.hostile.delivery import deliver, look

pytestmark = pytest.mark.slow

CASES = {"csv": csv_cases.CASES, "jsonl": jsonl_cases.CASES, "parquet": parquet_cases.CASES}
MOST_ROWS = {"csv": None, "jsonl": 60, "parquet": 60}
CODES = {"empty", "compression", "size", "encoding", "control", "header", "records", "quotes", "line_ends"}
CODES |= {"json", "limits", "parquet", "types"}


@functools.cache
def files_of(form: str) -> list[HostileFile]:
    """The corpus of one format: each file from a day that no other is from. CSV days are whole; of the others there are
    rows enough for the contract's day rules."""
    before = list(CASES)[: list(CASES).index(form)]
    return build(CASES[form], MOST_ROWS[form], skip=sum(len(CASES[name]) for name in before))


@pytest.fixture(scope="module", params=CASES)
def delivered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    form: str = request.param
    home = deliver(tmp_path_factory.mktemp(form), form, files_of(form))
    return form, home, look(home, files_of(form))


def test_the_corpus_is_large() -> None:
    files = [(form, file) for form in CASES for file in files_of(form)]
    assert len({(form, file.case.name) for form, file in files}) == len(files) >= 150
    assert len({file.day for _, file in files}) >= 60
    seen = {file.outcome.refused for _, file in files if file.outcome.refused}
    assert seen == CODES


def test_every_file_meets_its_fate(delivered: Any) -> None:
    """Refused with the code that is written beside it, or every row landed as it was and held back by its rule."""
    form, _, found = delivered
    wrong = []
    for file in files_of(form):
        got, want = found[file.case.name], file.outcome
        expected: tuple[Any, ...]
        if want.refused:
            expected = (want.refused, "incomplete", 0, {}, {}, [])
        else:
            rows = [tuple(value or None for value in row) for row in want.rows]
            verdict = "blocked" if want.blocked else "accepted"
            expected = (None, verdict, len(rows), standing(want), {} if want.blocked else dict(want.bad), rows)
        seen = (got.code, got.verdict, got.physical, got.counts, got.rules, got.rows)
        wrong += [
            (file.case.name, what, s if what != "rows" else "differ", w if what != "rows" else got.reason)
            for what, s, w in zip(
                ("code", "verdict", "physical", "counts", "rules", "rows"), seen, expected, strict=True
            )
            if s != w
        ]
    assert wrong == [], "\n".join(map(str, wrong))


def standing(outcome: Outcome) -> dict[str, int]:
    """The counts as the ledger and the raw table keep them: what is accepted stands in the table."""
    counts = outcome.counts
    return counts | ({"standing": counts["accepted"]} if "accepted" in counts else {})


def test_no_row_is_unaccounted_for(delivered: Any) -> None:
    """Physical = accepted + quarantined + duplicates + blocked in every file that is read; nothing of a refused one."""
    _, home, found = delivered
    assert [name for name, got in found.items() if not got.is_accounted] == []
    assert list(home.settings.home.tmp.iterdir()) == []


def test_reasons_are_one_line_for_a_person(delivered: Any) -> None:
    _, _, found = delivered
    for name, got in found.items():
        if got.state == "refused":
            assert got.reason.isprintable() and len(got.reason) < 400, (name, got.reason)
