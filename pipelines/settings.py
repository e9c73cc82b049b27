"""Typed settings: which shop, where its home is, how much of the machine it may use.

Belongs here: everything read from the environment, from `shops/<shop>.yaml`, and the layout of a home.
Does not belong here: anything that opens the warehouse, reads a drop or knows Dagster.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from pipelines.hash_keys import KEY, KEY_ID, HashKey, HashKeyError, parse_key

PROJECT_ROOT = Path(__file__).resolve().parents[1]
# Where homes lie unless another place is named, and the file that says whose a home is.
HOMES, HOME_MARKER = Path(".almanac"), "home.json"
DEFAULT_SHOP = "online_retail"
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


# A refresh of one day takes well under a minute; six hours is what a full rebuild of a large shop may take. After it,
# run monitoring fails a run whose process died.
MAX_RUNTIME_SECONDS = 6 * 3600


class SettingsError(ValueError):
    """A setting, shop file or home that cannot be used; the message is one line: what, where, what to do."""


def _checked_name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise ValueError(f"{value!r} is not a name: use lower-case letters, digits and _, starting with a letter")
    return value


Name = Annotated[str, AfterValidator(_checked_name)]

# Lowest and highest number, and the names, of the five fields of a cron line.
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CRON_FIELDS: tuple[tuple[int, int, tuple[str, ...]], ...] = (
    (0, 59, ()),
    (0, 23, ()),
    (1, 31, ()),
    (1, 12, _MONTHS),
    (0, 7, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
)


def _is_cron(line: str) -> bool:
    """Whether a line has five fields of `*`, numbers, names, ranges, steps and lists that are in range."""
    fields = line.split(" ")
    return len(fields) == 5 and all(
        _is_cron_part(part, *limits)
        for field, limits in zip(fields, _CRON_FIELDS, strict=True)
        for part in field.split(",")
    )


def _is_cron_part(part: str, lowest: int, highest: int, names: tuple[str, ...]) -> bool:
    found = re.fullmatch(r"(\*|([0-9]{1,2}|[a-z]{3})(?:-([0-9]{1,2}|[a-z]{3}))?)(?:/([1-9][0-9]?))?", part.lower())
    if found is None:
        return False
    ends = []
    for end in filter(None, (found[2], found[3])):
        if not end.isdigit() and end not in names:
            return False
        ends.append(int(end) if end.isdigit() else names.index(end) + (1 if lowest else 0))
    return ends == sorted(ends) and all(lowest <= end <= highest for end in ends)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceTable(_Strict):
    """Where the files of one raw table arrive, beside the home's own `drops/`.

    `drops` is a path pattern with `{arrival_date}` in it (and optionally `*`); relative ones start at the project.
    """

    drops: str | None = None

    @field_validator("drops")
    @classmethod
    def _names_the_day(cls, value: str | None) -> str | None:
        if value is not None and value.count("{arrival_date}") != 1:
            raise ValueError("the pattern must hold {arrival_date} exactly once")
        if value is not None and "*" in value.partition("{arrival_date}")[0]:
            raise ValueError("* stands before {arrival_date}: name that folder, and write * only behind {arrival_date}")
        return value


class Calendar(_Strict):
    """The days on which no file is expected."""

    closed_weekdays: tuple[Literal[WEEKDAYS], ...] = ()  # type: ignore[valid-type]
    closed_dates: frozenset[dt.date] = frozenset()

    def is_open(self, day: dt.date) -> bool:
        """True when a file is expected for that day."""
        return day not in self.closed_dates and WEEKDAYS[day.weekday()] not in self.closed_weekdays


Days = Annotated[int, Field(ge=1, le=36_500)]


class Retention(_Strict):
    """For how long `almanac prune` leaves what no refresh, replay or rollback needs; null keeps it for ever.

    Nothing here touches what the warehouse is rebuilt from: raw files that stand, repairs, the ledger, the quarantine.
    A year for what an auditor may ask for, a quarter for what only a person looks up; a day for what killed runs left
    in `tmp/`, because a replay that takes hours works there.
    """

    replaced_files_days: Days | None = 365
    run_history_days: Days | None = 365
    model_dates: Days | None = 90
    data_docs_days: Days | None = 90
    logs_days: Days | None = 90
    caches_days: Days | None = 90
    leftovers_days: Days = 1


class Shop(_Strict):
    """One shop as its file tells it."""

    name: Name
    title: str
    time_zone: str
    currency: str
    first_day: dt.date
    calendar: Calendar = Calendar()
    sources: dict[Name, dict[Name, SourceTable]]
    identical_lines: Literal["duplicate", "keep"] = "duplicate"
    schedule: str = "0 6 * * *"
    freshness_limit_hours: Annotated[float, Field(gt=0)] | None = 30
    report_language: Literal["en", "zh"] = "en"
    keep_versions: Annotated[int, Field(ge=1, le=1000)] = 5
    demo_key: bool = False
    retention: Retention = Retention()

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except Exception as error:
            raise ValueError(f"{value!r} is not an IANA time zone such as Europe/London") from error
        return value

    @field_validator("currency")
    @classmethod
    def _currency_has_three_letters(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Z]{3}", value):
            raise ValueError(f"{value!r} is not an ISO 4217 currency such as GBP")
        return value

    @field_validator("schedule")
    @classmethod
    def _cron_has_five_fields(cls, value: str) -> str:
        if not _is_cron(value):
            raise ValueError(f"{value!r} is not a cron line of five fields, such as '0 6 * * *'")
        return value

    def raw_tables(self) -> list[tuple[str, str, SourceTable]]:
        """(source, table, settings) of every raw table that this shop switches on, in the file's order."""
        return [(source, table, spec) for source, tables in self.sources.items() for table, spec in tables.items()]


@dataclass(frozen=True)
class Home:
    """The one directory in which everything that a shop's refresh writes is found."""

    path: Path

    @property
    def drops(self) -> Path:  # noqa: D102
        return self.path / "drops"

    @property
    def private(self) -> Path:  # noqa: D102
        return self.path / "private"

    @property
    def raw(self) -> Path:  # noqa: D102
        return self.path / "raw"

    @property
    def warehouse(self) -> Path:  # noqa: D102
        return self.path / "warehouse" / "warehouse.duckdb"

    @property
    def writer_lock(self) -> Path:  # noqa: D102
        return self.path / "warehouse" / "writer.lock"

    @property
    def published(self) -> Path:  # noqa: D102
        return self.path / "published"

    @property
    def models(self) -> Path:
        """The models' texts, one folder per statement and as-of date."""
        return self.path / "models"

    @property
    def dagster(self) -> Path:  # noqa: D102
        return self.path / "dagster"

    @property
    def dbt(self) -> Path:  # noqa: D102
        return self.path / "dbt"

    @property
    def logs(self) -> Path:  # noqa: D102
        return self.path / "logs"

    @property
    def data_docs(self) -> Path:  # noqa: D102
        return self.path / "logs" / "data_docs"

    @property
    def cache(self) -> Path:
        """What is dear to make and the same for every run; may be removed at any time."""
        return self.path / "cache"

    @property
    def tmp(self) -> Path:  # noqa: D102
        return self.path / "tmp"

    def check(self, shop: str) -> None:
        """Raises SettingsError when the path is no folder, or the home is damaged or another shop's; writes nothing."""
        marker = self.path / HOME_MARKER
        blocking = next((part for part in (self.path, *self.path.parents) if part.exists()), self.path)
        if blocking.exists() and not blocking.is_dir():
            raise SettingsError(f"{blocking} is a file, not a folder: give another --home")
        try:
            content = json.loads(marker.read_text())
            owner = content["shop"]
        except FileNotFoundError:
            return
        except OSError as error:
            raise SettingsError(f"{marker} cannot be read ({error.strerror}): give another --home") from error
        except (ValueError, TypeError, LookupError) as error:
            remedy = 'write {"shop": "<its shop>"} into it, or give another --home'
            raise SettingsError(f"{marker} is damaged: {remedy}") from error
        if owner != shop:
            raise SettingsError(f"{self.path} is the home of shop {owner!r}, not {shop!r}: give another --home")

    def prepare(self, shop: str) -> None:
        """Make the folders, and claim the home for `shop`. Raises SettingsError when it is another shop's
        or cannot be written."""
        self.check(shop)
        marker = self.path / HOME_MARKER
        try:
            folders = (self.drops, self.private, self.raw, self.warehouse.parent, self.published)
            for folder in (*folders, self.dagster, self.dbt, self.logs, self.tmp):
                folder.mkdir(parents=True, exist_ok=True)
            self.private.chmod(0o700)
            if not marker.exists():
                # Renamed into place: a run killed here leaves no half a marker.
                partial = marker.with_suffix(f".{os.getpid()}.part")
                partial.write_text(json.dumps({"shop": shop}) + "\n")
                partial.replace(marker)
        except OSError as error:
            raise SettingsError(f"{self.path} cannot be written ({error.strerror}): give a writable --home") from error


@dataclass(frozen=True)
class Settings:
    """All that a refresh needs to know before it starts."""

    shop: Shop
    shop_file: Path
    home: Home
    project_root: Path = PROJECT_ROOT
    memory_limit: str = "2GB"
    threads: int = 2
    contracts: Path | None = None
    hash_key: HashKey | None = None
    max_runtime_seconds: int = MAX_RUNTIME_SECONDS
    takes_drops: bool = True

    @property
    def contracts_dir(self) -> Path:
        """The folder of the contracts; the project's own unless `contracts` names another."""
        return self.contracts or self.project_root / "data_contracts"

    @property
    def outputs_dir(self) -> Path:
        """The contracts of what models state: part of the code, so always the project's own."""
        return self.project_root / "data_contracts" / "outputs"

    @property
    def working_file(self) -> dict[str, Any]:
        """How the working file is to be opened: the arguments of `open_warehouse`."""
        return {
            "database": self.home.warehouse,
            "temp_directory": self.home.tmp,
            "memory_limit": self.memory_limit,
            "threads": self.threads,
        }

    @property
    def dbt_project_dir(self) -> Path:  # noqa: D102
        return self.project_root / "dbt_project"

    def contract_file(self, source: str, table: str) -> Path:
        """Path of the contract of one raw table."""
        return self.contracts_dir / "sources" / source / f"{table}.odcs.yaml"

    def drop_patterns(self, source: str, table: str) -> list[str]:
        """Absolute patterns with `{arrival_date}` in which files of the table arrive; the home's own comes first.

        None for a home that takes no drops: its deliveries are put into its ledger (a replay).
        """
        if not self.takes_drops:
            return []
        patterns = [str(self.home.drops / source / table / "{arrival_date}" / "*")]
        pattern = self.shop.sources[source][table].drops
        if pattern:
            patterns.append(str(self.project_root / pattern))
        return patterns

    @property
    def conformed_entities(self) -> dict[str, list[str]]:
        """Which of the shop's sources bring each canonical entity: those with a model of that name."""
        found: dict[str, list[str]] = {}
        for source in self.shop.sources:
            folder = self.dbt_project_dir / "models" / "conformed" / source
            for model in sorted(folder.glob(f"cnf_{source}__*.sql")):
                found.setdefault(model.stem.removeprefix(f"cnf_{source}__"), []).append(source)
        return found

    @property
    def score_tables(self) -> list[str]:
        """The tables in which models state how good they are: the output contracts named `*_scores`."""
        return sorted(path.name.split(".")[0] for path in self.outputs_dir.glob("*_scores.odcs.yaml"))

    @property
    def dbt_vars(self) -> dict[str, Any]:
        """The vars of every dbt invocation; all of them come out of a checked shop file, none from a user's string."""
        return {
            "shop": self.shop.name,
            "time_zone": self.shop.time_zone,
            "currency": self.shop.currency,
            "sources": list(self.shop.sources),
            "entities": self.conformed_entities,
            "score_tables": self.score_tables,
            "identical_lines": self.shop.identical_lines,
        }


def load_shop(path: Path) -> Shop:
    """Read and check a shop file. Raises SettingsError naming the file and the field."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        known = ", ".join(sorted(p.stem for p in path.parent.glob("*.yaml"))) or "none"
        raise SettingsError(f"no shop {path.stem!r} ({path} does not exist): known shops are {known}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is not text in UTF-8: restore it or write it anew") from error
    except OSError as error:
        raise SettingsError(f"{path} cannot be read ({error.strerror}): give a readable shop file") from error
    return parse_shop(path, text)


def parse_shop(path: Path, text: str) -> Shop:
    """The shop that `text`, the content of `path`, tells of. Raises SettingsError naming the file and the field."""
    try:
        shop = Shop.model_validate(yaml.safe_load(text))
    except yaml.MarkedYAMLError as error:
        line = f" line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise SettingsError(f"{path}{line} is not readable as YAML ({error.problem}): correct it") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        if isinstance(error, ValidationError):
            raise SettingsError(f"{path}: {_first_problem(error)}") from error
        raise SettingsError(f"{path} is not readable as YAML: restore it or write it anew") from error
    if shop.name != path.stem:
        raise SettingsError(f"{path}: name: is {shop.name!r}; it must be the file's name, {path.stem!r}")
    return shop


def _first_problem(error: ValidationError) -> str:
    """One line for the first problem; pydantic lists all of them over many lines."""
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"] if part != "[key]")
    if first["type"] == "model_type":
        return "holds no settings: begin with name, title, time_zone, currency, first_day, sources"
    if first["type"] == "extra_forbidden":
        return f"{field}: this key is unknown: correct its spelling or remove it"
    if first["type"] == "missing":
        return f"{field}: this key is missing: add it"
    return f"{field}: {first['msg'].removeprefix('Value error, ')}"


def load_settings(
    shop: str | None = None, home: str | Path | None = None, environment: Mapping[str, str] = os.environ
) -> Settings:
    """Settings for a shop (default `$ALMANAC_SHOP`, else that of the home) and a home (default `$ALMANAC_HOME`, else
    `.almanac/<shop>`). Without any of these the shop is that of the only home in `.almanac`, else online_retail.

    `$ALMANAC_SHOPS_DIR` and `$ALMANAC_CONTRACTS_DIR` name other folders of shop files and contracts,
    `$ALMANAC_MEMORY_LIMIT` and `$ALMANAC_THREADS` bound DuckDB, `$ALMANAC_MAX_RUNTIME_SECONDS` a run of the service.
    `$ALMANAC_PRIVACY_KEY` and `$ALMANAC_PRIVACY_KEY_ID` are the key that direct personal data is hashed with.
    Raises SettingsError.
    """
    name = shop or environment.get("ALMANAC_SHOP") or _shop_of_home(home, environment) or DEFAULT_SHOP
    if not NAME.fullmatch(name):
        raise SettingsError(f"{name!r} is not a shop's name: give the stem of a file in shops/, such as online_retail")
    shop_file = shops_dir(environment) / f"{name}.yaml"
    memory_limit = environment.get("ALMANAC_MEMORY_LIMIT") or "2GB"
    if not _is_memory_limit(memory_limit):
        raise SettingsError(f"ALMANAC_MEMORY_LIMIT is {memory_limit!r}: give a size such as 2GB, at least 100MB")
    threads = environment.get("ALMANAC_THREADS") or "2"
    if not re.fullmatch(r"[1-9][0-9]{0,2}", threads):
        raise SettingsError(f"ALMANAC_THREADS is {threads!r}: give a whole number from 1 to 999, such as 2")
    max_runtime = environment.get("ALMANAC_MAX_RUNTIME_SECONDS") or str(MAX_RUNTIME_SECONDS)
    if not re.fullmatch(r"[1-9][0-9]{0,6}", max_runtime):
        raise SettingsError(f"ALMANAC_MAX_RUNTIME_SECONDS is {max_runtime!r}: give whole seconds, such as 21600")
    try:
        where = Path(home or environment.get("ALMANAC_HOME") or HOMES / name).expanduser()
        path = Path(os.path.abspath(where))  # noqa: PTH100 - keeps symlinks, unlike resolve()
    except (OSError, RuntimeError) as error:
        raise SettingsError(f"the home cannot be placed ({error}): give an absolute --home") from error
    if not str(path).isprintable() or "\\" in str(path):  # DuckDB takes \ for /
        told = ascii(str(path))[:300]
        raise SettingsError(f"the home {told} has a character that no path should have: give another --home")
    try:
        hash_key = parse_key(environment.get(KEY), environment.get(KEY_ID))
    except HashKeyError as error:
        raise SettingsError(str(error)) from None
    return Settings(
        shop=load_shop(shop_file),
        shop_file=shop_file,
        home=Home(path),
        memory_limit=memory_limit,
        threads=int(threads),
        contracts=contracts_dir(environment) if environment.get("ALMANAC_CONTRACTS_DIR") else None,
        hash_key=hash_key,
        max_runtime_seconds=int(max_runtime),
    )


def _shop_of_home(home: str | Path | None, environment: Mapping[str, str]) -> str | None:
    """The shop whose home is named or, when none is, is the only one there; None where that is not to be told."""
    named = home or environment.get("ALMANAC_HOME")
    try:
        markers = [Path(named).expanduser() / HOME_MARKER] if named else sorted(HOMES.glob(f"*/{HOME_MARKER}"))
        owners = {json.loads(marker.read_text())["shop"] for marker in markers if marker.is_file()}
    except (OSError, RuntimeError, ValueError, TypeError, LookupError):
        return None  # `Home.check` says what is wrong with it
    owner = owners.pop() if len(owners) == 1 else None
    is_known = isinstance(owner, str) and NAME.fullmatch(owner) and (shops_dir(environment) / f"{owner}.yaml").is_file()
    return owner if is_known else None


def shops_dir(environment: Mapping[str, str] = os.environ) -> Path:
    """The folder of the shop files."""
    return Path(environment.get("ALMANAC_SHOPS_DIR") or PROJECT_ROOT / "shops")


def contracts_dir(environment: Mapping[str, str] = os.environ) -> Path:
    """The folder of the contracts."""
    return Path(environment.get("ALMANAC_CONTRACTS_DIR") or PROJECT_ROOT / "data_contracts").absolute()


def _is_memory_limit(text: str) -> bool:
    """Whether DuckDB reads it as a size, and a refresh can live in it: below 100 MB DuckDB cannot even load a day."""
    found = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?([KMGT])i?B", text)
    return found is not None and float(found[1]) * 1000 ** "KMGT".index(found[2]) >= 100_000
