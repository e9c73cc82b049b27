"""A new shop from one's own files: a shop file and a draft contract per table, for a person to review.

Belongs here: which file is of which table, reading the files whole, what the shop file says, writing without ever
overwriting. Does not belong: guessing a contract (pipelines.contracts.draft) and printing (pipelines.cli).
"""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import yaml

from pipelines.contracts.draft import Draft, check_names, draft_contract
from pipelines.contracts.errors import ContractError
from pipelines.hash_keys import KEY, KEY_ID
from pipelines.settings.errors import SettingsError
from pipelines.settings.shop import NAME, parse_shop
from pipelines.sources.csv_files import CsvForm, guess_form, land_csv
from pipelines.sources.files import FileToLand, RefusedFile

DATE = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12][0-9]|3[01])(?![0-9])")
SUFFIXES = (".csv.gz", ".csv")
SHOP = """\
# A draft by `almanac init`: check every line. Everything here is read strictly; an unknown key is an error.
name: {name}
title: {title}
time_zone: {time_zone}
currency: {currency}
# DRAFT: check. {why}; earlier arrival days are not read.
first_day: {first_day}

# DRAFT: check. Days on which no file is expected, for example: closed_weekdays: [sunday]; closed_dates: [2026-12-25]
calendar: {{}}

sources:
  {name}:
    # Files arrive in drops/{source}/<table>/<arrival_date>/ of the home; `drops:` names another place (a path pattern
    # with {{arrival_date}} in it).
{tables}

schedule: "0 6 * * *"
freshness_limit_hours: 30
"""


@dataclass(frozen=True)
class Onboarded:
    """What was written, the names of the drafted tables, and what the person should know."""

    written: Sequence[Path]
    tables: Sequence[str]
    notes: Sequence[str]
    needs_key: bool = False

    def next_steps(self, name: str) -> list[str]:
        """What the person does now, in order."""
        folder, columns = "dbt_project/models", "data_contracts/canonical/<entity>.yaml"
        return [
            "read these files and settle every line that says DRAFT",
            f"make contracts: it writes the staging models ({folder}/staging/{name}/stg_{name}__{self.tables[0]}.sql); "
            "stagedAs in a contract gives a column another name there",
            f"write the conformed models: {folder}/conformed/{name}/cnf_{name}__<entity>.sql with exactly the columns "
            f"of {columns}; examples/contributing/source shows all (CONTRIBUTING.md)",
            f"put files into drops/{name}/<table>/<arrival day>/ of the home (./.almanac/{name})",
            *([f"set {KEY} and {KEY_ID}: names and addresses are hashed with it"] if self.needs_key else []),
            f"make contracts once more, then almanac refresh --shop {name}",
        ]


class _Plain(yaml.SafeDumper):
    """YAML without anchors: a contract admits none."""

    def ignore_aliases(self, data: Any) -> bool:
        """Never write one."""
        return True


def onboard(
    name: str, files: Sequence[Path], *, time_zone: str, currency: str, shops_dir: Path, sources_dir: Path
) -> Onboarded:
    """Draft the shop `name` from CSV files and write its files. Nothing is written unless all of it can be.

    Raises SettingsError or ContractError with one line: what is wrong, in which file, what to do.
    """
    if not NAME.fullmatch(name):
        raise SettingsError(f"{name!r} is not a shop's name: use lower-case letters, digits and _, a letter first")
    by_table: dict[str, list[Path]] = {}
    for file in files:
        by_table.setdefault(table_name(file), []).append(file)
    shop_file = shops_dir / f"{name}.yaml"
    targets = {table: sources_dir / name / f"{table}.odcs.yaml" for table in by_table}
    for path in (shop_file, *targets.values()):
        if path.exists():
            raise SettingsError(f"{path} exists and is never overwritten: choose another name or remove it")
    # The zone and the currency are judged before the files are read: that may take minutes.
    parse_shop(shop_file, _shop_text(name, by_table, time_zone, currency, dt.date(2000, 1, 1), ""))
    drafts, days = {}, []
    for table, paths in by_table.items():
        drafts[table], first = _draft(paths, targets[table], time_zone)
        days.append(first)
    text = _shop_text(name, by_table, time_zone, currency, *min(days))
    parse_shop(shop_file, text)
    contents = {targets[table]: _contract_text(draft) for table, draft in drafts.items()} | {shop_file: text}
    _write(contents)
    needs_key = any(draft.contract.direct_columns for draft in drafts.values())
    notes = [note for draft in drafts.values() for note in draft.notes]
    return Onboarded(list(contents), list(by_table), notes, needs_key)


def table_name(file: Path) -> str:
    """The table that a file is of: its name without dates and endings; a file named by its day only takes its folder's.

    Raises SettingsError when no safe name is left.
    """
    suffix = next((suffix for suffix in SUFFIXES if file.name.lower().endswith(suffix)), None)
    if suffix is None:
        raise SettingsError(f"{file} is no CSV file: give files that end in .csv or .csv.gz")
    for text in (file.name[: -len(suffix)], file.absolute().parent.name):
        found = re.sub(r"[^a-z0-9]+", "_", DATE.sub("_", text).lower()).strip("_")
        if NAME.fullmatch(found):
            return found
        if found:
            break
    raise SettingsError(f"{file} gives no table name: rename it to letters, digits and _, such as orders.csv")


def _draft(paths: Sequence[Path], target: Path, time_zone: str) -> tuple[Draft, tuple[dt.date, str]]:
    """Read the files of one table whole and draft its contract; also the first day, and where it comes from."""
    forms = [_form(path) for path in paths]
    for path, form in zip(paths, forms, strict=True):
        if form != forms[0]:
            raise ContractError(
                str(path), f"the header differs from {paths[0].name}, which is of the same table", "rename one of them"
            )
    with tempfile.TemporaryDirectory(prefix="almanac-init-") as folder, duckdb.connect() as con:
        landed = _land(paths, forms[0], Path(folder))
        con.execute("set TimeZone = 'UTC'")
        con.execute("create temp table landed as select * from read_parquet(?)", [landed])
        names = [path.name for path in paths]
        draft = draft_contract(con, "landed", target, delimiter=forms[0].delimiter, time_zone=time_zone, files=names)
        row = con.execute("select min(_own_event_date) from gate_rows").fetchone()
    dated = [(day, f"The day in the name of {path.name}") for path in paths if (day := _day_of(path))]
    event = [(row[0], f"The first event in {paths[0].name}")] if row and row[0] else []
    return draft, min([*dated, *([] if dated else event)], default=(dt.date.today(), "No file names a day: today"))


def _form(path: Path) -> CsvForm:
    try:
        form = guess_form(path)
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}): correct the path") from error
    except RefusedFile as reason:
        raise ContractError(str(path), str(reason), "export it anew") from reason
    check_names(form.columns, str(path))
    return form


def _land(paths: Sequence[Path], form: CsvForm, folder: Path) -> list[str]:
    """Bring the files to Parquet of text rows, as the loader does; returns the Parquet files."""
    files = [
        FileToLand(path.absolute(), str(number), (_day_of(path) or dt.date(2000, 1, 1)).isoformat(), number, target)
        for number, path in enumerate(paths, 1)
        for target in [folder / f"{number}.parquet"]
    ]
    _, refused = land_csv(files, form, staging=folder, memory_limit="2GB", threads=2)
    for file in files:
        if reason := refused.get(file.delivery_id):
            raise ContractError(str(file.path), f"{reason.code}: {reason}", "export it anew")
    return [str(file.target) for file in files]


def _day_of(path: Path) -> dt.date | None:
    found = DATE.search(path.name)
    try:
        return dt.date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _shop_text(
    name: str, tables: Mapping[str, Any], time_zone: str, currency: str, first_day: dt.date, why: str
) -> str:
    return SHOP.format(
        name=_scalar(name),
        source=name,
        title=_scalar(name.replace("_", " ").capitalize()),
        time_zone=_scalar(time_zone),
        currency=_scalar(currency),
        first_day=first_day,
        why=why,
        tables="\n".join(f"    {_scalar(table)}: {{}}" for table in tables),
    )


def _scalar(text: str) -> str:
    """The text as YAML reads it back: `yes` alone would be a truth value."""
    return yaml.safe_dump(text).splitlines()[0]


def _contract_text(draft: Draft) -> str:
    head = "# A draft by `almanac init`: check every line that says DRAFT, then set status: active.\n"
    return head + yaml.dump(draft.data, Dumper=_Plain, sort_keys=False, width=110, allow_unicode=True)


def _write(contents: Mapping[Path, str]) -> None:
    """Write all files or none; a file that is there by now is left as it is."""
    written: list[Path] = []
    try:
        for path, text in contents.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                written.append(path)
                file.write(text)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        raise SettingsError(f"{error.filename} cannot be written ({error.strerror}): nothing was written") from error
