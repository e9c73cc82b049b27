"""Delivering hostile files through the real ingestion, and looking at what became of each.

Belongs here: the home and its queries. Does not belong here: the files (corpus.py and the cases), what is asserted.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts.contract import FileFormat
from pipelines.contracts.odcs import load_source_contract
from tests.sources.hostile.corpus import HostileFile
from tests.store.arrivals import History, RealHome, shop_settings


def deliver(folder: Path, form: str, files: list[HostileFile]) -> RealHome:
    """A home into which one run has taken all the files, each on its own day, by the shop's whole contract."""
    home = RealHome.make(folder, History("Europe/London", files[0].day, ()))
    contract = load_source_contract(shop_settings().contract_file("online_retail", "transactions"))
    home.contract = dataclasses.replace(contract, file_format=FileFormat(form))  # type: ignore[arg-type]
    for file in files:
        path = home.settings.home.drops / "online_retail" / "transactions" / f"{file.day}" / file.file_name
        path.parent.mkdir(parents=True)
        path.write_bytes(file.content)
    home.run([file.day for file in files])
    return home


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
    def is_accounted(self) -> bool:
        """Physical = accepted + quarantined + duplicates + blocked, all of them landed; nothing of a refused file."""
        outcomes = sum(count for key, count in self.counts.items() if key != "standing")
        return self.physical == outcomes == len(self.rows) and (self.state != "refused" or self.physical == 0)

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
