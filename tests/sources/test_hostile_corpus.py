"""Every file of the hostile corpus through the real ingestion: what must become of it does, and no row is unaccounted.

Belongs here: delivering the corpus and the accounting of files and rows. The cases lie in hostile/.
"""

from __future__ import annotations

import dataclasses
import functools
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines.contracts.contract import FileFormat
from pipelines.contracts.odcs import load_source_contract
from pipelines.defs import ingest
from tests.sources.hostile import csv_cases, jsonl_cases, parquet_cases
from tests.sources.hostile.corpus import HostileFile, Outcome, build
from tests.warehouse.arrivals import History, RealHome, shop_settings

CASES = {"csv": csv_cases.CASES, "jsonl": jsonl_cases.CASES, "parquet": parquet_cases.CASES}
CODES = {"empty", "compression", "size", "encoding", "control", "header", "records", "quotes", "line_ends"}
CODES |= {"json", "limits", "parquet", "types"}


@functools.cache
def files_of(form: str) -> list[HostileFile]:
    """The corpus of one format: each file from a day that no other is from. CSV days are whole; of the others there are
    rows enough for a day that the contract lets pass."""
    before = list(CASES)[: list(CASES).index(form)]
    return build(CASES[form], None if form == "csv" else 60, skip=sum(len(CASES[name]) for name in before))


def deliver(folder: Path, form: str, files: list[HostileFile]) -> tuple[RealHome, ingest.Ingested]:
    """A home into which one run has taken all the files, each on its own day, by the shop's whole contract."""
    home = RealHome.make(folder, History("Europe/London", files[0].day, ()))
    contract = load_source_contract(shop_settings().contract_file("online_retail", "transactions"))
    home.contract = dataclasses.replace(contract, file_format=FileFormat(form))  # type: ignore[arg-type]
    for file in files:
        path = home.settings.home.drops / "online_retail" / "transactions" / f"{file.day}" / file.file_name
        path.parent.mkdir(parents=True)
        path.write_bytes(file.content)
    return home, home.run([file.day for file in files])


@dataclasses.dataclass
class Found:
    """What the ledger and the raw files tell of one file."""

    state: str
    reason: str
    physical: int
    verdict: str
    counts: dict[str, int]
    rules: dict[str, int]
    rows: list[tuple[str | None, ...]]

    @property
    def code(self) -> str | None:
        return self.reason.partition(":")[0] if self.state == "refused" else None


def look(home: RealHome, files: list[HostileFile]) -> dict[str, Found]:
    """What became of the files, by the name of the case; each day has exactly its one delivery."""
    con, by_day = home.con, {file.day: file for file in files}
    counts: dict[Any, dict[str, int]] = {}
    for day, outcome, count in con.execute(
        "select arrival_date, outcome, sum(row_count)::bigint from ledger.row_counts group by all "
        "union all select _arrival_date, 'standing', count(*) from raw.online_retail__transactions group by all"
    ).fetchall():
        counts.setdefault(day, {})[outcome] = count
    rules: dict[Any, Counter[str]] = {}
    for day, reason in con.execute(
        "select arrival_date, unnest(reasons) from quality.quarantined_rows where state = 'quarantined'"
    ).fetchall():
        rules.setdefault(day, Counter())[reason] += 1
    verdicts = home.verdicts()
    found = {}
    deliveries = con.execute(
        "select arrival_date, state, coalesce(reason, ''), physical_rows, raw_path from ledger.deliveries"
    ).fetchall()
    assert sorted(row[0] for row in deliveries) == sorted(by_day)
    for day, state, reason, physical, raw_path in deliveries:
        rows = raw_rows(home.settings.home.raw / raw_path, home.contract.column_names) if raw_path else []
        found[by_day[day].case.name] = Found(
            state, reason, physical, verdicts[day], counts.get(day, {}), dict(rules.get(day, {})), rows
        )
    return found


def raw_rows(path: Path, names: tuple[str, ...]) -> list[tuple[str | None, ...]]:
    columns = ", ".join(f'"{name}"' for name in names)
    sql = f"select {columns} from read_parquet(?, hive_partitioning = false) order by _row_number"
    return duckdb.execute(sql, [str(path)]).fetchall()


@pytest.fixture(scope="module", params=CASES)
def delivered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    form: str = request.param
    home, _ = deliver(tmp_path_factory.mktemp(form), form, files_of(form))
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
    for name, got in found.items():
        outcomes = {key: count for key, count in got.counts.items() if key != "standing"}
        assert got.physical == sum(outcomes.values()) == len(got.rows), name
        assert got.state != "refused" or got.physical == 0, name
    assert list(home.settings.home.tmp.iterdir()) == []


def test_reasons_are_one_line_for_a_person(delivered: Any) -> None:
    _, _, found = delivered
    for name, got in found.items():
        if got.state == "refused":
            assert got.reason.isprintable() and len(got.reason) < 400, (name, got.reason)
