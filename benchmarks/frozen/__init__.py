"""What both shops publish, frozen: a digest per table, so that a change of the house is seen to change no number.

`python -m benchmarks.frozen SHOP HOME` compares the current version of a home with the frozen one; `--write` freezes
it. Both are made with the key below, so that hashes of personal data can be compared. Left out beside the audit
columns: `model_version`, which names code, not what it says.
Belongs here: the digests and comparing them. Does not belong here: making a home (benchmarks.proofs).
"""

from __future__ import annotations

import json
from pathlib import Path

import duckdb

from pipelines.contracts.expression import quoted
from pipelines.store.published.digest import table_digest

# A key for comparisons alone: anybody may know it.
KEY = {
    "ALMANAC_PRIVACY_KEY": "00112233445566778899aabbccddeeff0123456789abcdeffedcba9876543210",
    "ALMANAC_PRIVACY_KEY_ID": "frozen",
}
NAMES_CODE = "model_version"


def frozen_file(shop: str) -> Path:
    """Where the digests of a shop are kept."""
    return Path(__file__).with_name(f"{shop}.json")


def digests(home: Path) -> dict[str, str]:
    """Digest per table of the home's current version; tables without a row bear none: `empty`."""
    found = {}
    with duckdb.connect(str(home / "published" / "current" / "marts.duckdb"), read_only=True) as con:
        columns = con.execute("select table_name, column_name from information_schema.columns").fetchall()
        for (table,) in con.execute("select table_name from duckdb_tables() order by 1").fetchall():
            without = f"exclude ({NAMES_CODE})" if (table, NAMES_CODE) in columns else ""
            con.execute(f"create or replace temp view compared as select * {without} from {quoted(table)}")
            digest = table_digest(con, "compared")
            found[str(table)] = digest.digest if digest.rows else "empty"
    return found


def write(shop: str, home: Path) -> None:
    """Freeze what the home publishes."""
    frozen_file(shop).write_text(json.dumps(digests(home), indent=1, sort_keys=True) + "\n")


def differences(shop: str, home: Path) -> list[str]:
    """The tables that differ from the frozen ones, in words; a table that was always empty may be absent."""
    frozen, seen = json.loads(frozen_file(shop).read_text()), digests(home)
    absent = sorted(name for name, digest in frozen.items() if digest != "empty" and name not in seen)
    other = sorted(name for name, digest in seen.items() if name in frozen and digest != frozen[name])
    return [*(f"{name}: absent" for name in absent), *(f"{name}: differs" for name in other)]
