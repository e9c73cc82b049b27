"""By which code a raw table was loaded. Does not belong here: what follows when it changes (ingest.py)."""

import hashlib
from pathlib import Path

from pipelines.settings.environment import Settings

# What decides, beside the contract and the shop, which rows reach the raw table: any change gates all days anew.
# (Expectations and Data Docs only recount; drafts and generated texts decide nothing.)
GATE_CODE = (
    *(
        f"contracts/{name}.py"
        for name in ("checks", "contract", "expression", "gate", "odcs", "parse", "patterns", "results", "shapes")
    ),
    *(f"contracts/{name}.py" for name in ("check_classes", "control_totals", "direct", "drift", "rules")),
    *(
        f"sources/{name}.py"
        for name in ("csv_files", "files", "jsonl_files", "parquet_files", "parquet_texts", "readers", "split")
    ),
    *(f"store/arrivals/{name}.py" for name in ("loading", "orphans", "private_files", "raw_files", "repairs")),
    *(f"store/arrivals/{name}.py" for name in ("repair_files", "row_versions")),
    *(f"store/days/{name}.py" for name in ("day_checks", "verdicts")),
)


def raw_code(settings: Settings, source: str, table: str) -> str:
    """A hash of all that decides the rows of a raw table, the delivered files apart."""
    digest = hashlib.sha256(settings.contract_file(source, table).read_bytes())
    shop = settings.shop
    digest.update(f"{shop.time_zone} {shop.identical_lines} {shop.first_day}".encode())
    package = Path(__file__).resolve().parents[1]
    for part in GATE_CODE:
        digest.update((package / part).read_bytes())
    return digest.hexdigest()


def raw_codes(settings: Settings) -> dict[str, str]:
    """The hash of every raw table of the shop, by its name."""
    return {f"{source}__{table}": raw_code(settings, source, table) for source, table, _ in settings.shop.raw_tables()}
