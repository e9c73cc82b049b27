"""A home of any few raw tables, loaded by the real ingestion without marts and without the gate's second opinion.

Belongs here: making, feeding, running and reading such a home; for properties of many small histories.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import functools
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from pipelines.contracts.contract import SourceContract
from pipelines.contracts.gate import run_gate
from pipelines.contracts.odcs import load_source_contract
from pipelines.defs import ingest
from pipelines.settings.environment import PROJECT_ROOT, Settings
from pipelines.settings.home import Home
from pipelines.settings.shop import Shop, SourceTable
from pipelines.store import ledger
from pipelines.store.days.dirty_days import DirtyPlan

CONTRACTS = PROJECT_ROOT / "tests" / "fixtures" / "contracts"
Row = Mapping[str, str | None]


@dataclasses.dataclass
class SmallHome:
    """Tables are loaded in the order given, parents first, as Dagster orders their assets."""

    settings: Settings
    contracts: Sequence[SourceContract]
    con: duckdb.DuckDBPyConnection
    runs: int = 0

    @classmethod
    def make(
        cls, folder: Path, source: str, tables: Sequence[str], *, first_day: dt.date, time_zone: str, currency: str
    ) -> SmallHome:
        """A home in `folder` for tables of `tests/fixtures/contracts`; every day is open."""
        sources = {source: {table: SourceTable() for table in tables}}
        shop = Shop(
            name=source, title=source, time_zone=time_zone, currency=currency, first_day=first_day, sources=sources
        )
        settings = Settings(shop=shop, shop_file=folder / "shop.yaml", home=Home(folder), contracts=CONTRACTS)
        settings.home.prepare(source)
        contracts = [load_source_contract(settings.contract_file(source, table)) for table in tables]
        con = duckdb.connect(str(settings.home.warehouse))
        con.execute("set TimeZone = 'UTC'; set threads = 1")
        ledger.create_tables(con)
        return cls(settings, contracts, con)

    def put(self, table: str, day: dt.date, rows: Iterable[Row], name: str = "day.csv") -> None:
        """Let a file arrive; one of that name and day is replaced."""
        contract = next(contract for contract in self.contracts if contract.table == table)
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, contract.column_names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        path = self.settings.home.drops / contract.source / table / f"{day}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.getvalue())

    def run(self, days: Sequence[dt.date]) -> list[ingest.Ingested]:
        """One run over the arrival days, table by table."""
        self.runs += 1
        real_gate = ingest.run_gate
        ingest.run_gate = functools.partial(run_gate, verify=False)  # type: ignore[assignment]
        try:
            return [
                ingest.ingest(self.con, self.settings, contract, days, self._plan(contract), f"run{self.runs}")
                for contract in self.contracts
            ]
        finally:
            ingest.run_gate = real_gate

    def _plan(self, contract: SourceContract) -> DirtyPlan:
        return DirtyPlan({contract.raw_table: (f"{contract.table}_by_day",)}, {})

    def current(self, table: str, *, extra: str = "") -> list[tuple[Any, ...]]:
        """The contract's columns (and `extra`, SQL with a comma in front) of the current rows, sorted."""
        contract = next(contract for contract in self.contracts if contract.table == table)
        columns = ", ".join(f'"{name}"' for name in contract.column_names)
        return self.con.execute(
            f'select {columns} {extra} from raw."{contract.raw_table}" where _is_current order by all'
        ).fetchall()

    def held(self, table: str) -> list[tuple[Any, ...]]:
        """(arrival day, row number, reasons) of the quarantined rows."""
        return self.con.execute(
            """select arrival_date, row_number, reasons from quality.quarantined_rows
            where table_name = ? and state = 'quarantined' order by all""",
            [table],
        ).fetchall()

    def unaccounted(self) -> list[tuple[Any, ...]]:
        """Deliveries whose rows are not all in one outcome, and moneys that do not add up; none in a sound home."""
        return self.con.execute(
            """select delivery_id, physical_rows, coalesce(sum(row_count), 0)
            from ledger.deliveries left join ledger.row_counts using (delivery_id)
            group by delivery_id, state, physical_rows
            having coalesce(sum(row_count), 0) <> if(state in ('refused', 'replaced'), 0, physical_rows)"""
        ).fetchall()

    def close(self) -> None:
        """Give the working file back."""
        self.con.close()
