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

PROJECT_ROOT = Path(__file__).resolve().parents[1]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


class SettingsError(ValueError):
    """A setting, shop file or home that cannot be used; the message is one line: what, where, what to do."""


def _checked_name(value: str) -> str:
    if not NAME.fullmatch(value):
        raise ValueError(f"{value!r} is not a name: use lower-case letters, digits and _, starting with a letter")
    return value


Name = Annotated[str, AfterValidator(_checked_name)]


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
        return value


class Calendar(_Strict):
    """The days on which no file is expected."""

    closed_weekdays: tuple[Literal[WEEKDAYS], ...] = ()  # type: ignore[valid-type]
    closed_dates: frozenset[dt.date] = frozenset()

    def is_open(self, day: dt.date) -> bool:
        """True when a file is expected for that day."""
        return day not in self.closed_dates and WEEKDAYS[day.weekday()] not in self.closed_weekdays


class Shop(_Strict):
    """One shop as its file tells it."""

    name: Name
    title: str
    time_zone: str
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    first_day: dt.date
    calendar: Calendar = Calendar()
    sources: dict[Name, dict[Name, SourceTable]]
    identical_lines: Literal["duplicate", "keep"] = "duplicate"
    schedule: str = "0 6 * * *"
    freshness_limit_hours: Annotated[float, Field(gt=0)] | None = 30
    keep_versions: Annotated[int, Field(ge=1, le=1000)] = 5

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except Exception as error:
            raise ValueError(f"{value!r} is not an IANA time zone such as Europe/London") from error
        return value

    @field_validator("schedule")
    @classmethod
    def _cron_has_five_fields(cls, value: str) -> str:
        if not re.fullmatch(r"[0-9*,/\-]+( [0-9*,/\-A-Za-z]+){4}", value):
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
    def tmp(self) -> Path:  # noqa: D102
        return self.path / "tmp"

    def prepare(self, shop: str) -> None:
        """Make the folders, and claim the home for `shop`. Raises SettingsError when it is another shop's."""
        marker = self.path / "home.json"
        if marker.exists():
            owner = json.loads(marker.read_text()).get("shop")
            if owner != shop:
                raise SettingsError(f"{self.path} is the home of shop {owner!r}, not {shop!r}: give another --home")
        try:
            folders = (self.drops, self.private, self.raw, self.warehouse.parent, self.published)
            for folder in (*folders, self.dagster, self.dbt, self.logs, self.tmp):
                folder.mkdir(parents=True, exist_ok=True)
            self.private.chmod(0o700)
            if not marker.exists():
                marker.write_text(json.dumps({"shop": shop}) + "\n")
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

    @property
    def contracts_dir(self) -> Path:  # noqa: D102
        return self.project_root / "data_contracts"

    @property
    def dbt_project_dir(self) -> Path:  # noqa: D102
        return self.project_root / "dbt_project"

    def contract_file(self, source: str, table: str) -> Path:
        """Path of the contract of one raw table."""
        return self.contracts_dir / "sources" / source / f"{table}.odcs.yaml"

    def drop_patterns(self, source: str, table: str) -> list[str]:
        """Absolute patterns with `{arrival_date}` in which files of the table arrive; the home's own comes first."""
        patterns = [str(self.home.drops / source / table / "{arrival_date}" / "*")]
        pattern = self.shop.sources[source][table].drops
        if pattern:
            patterns.append(str(self.project_root / pattern))
        return patterns

    @property
    def dbt_vars(self) -> dict[str, Any]:
        """The vars of every dbt invocation; all of them come out of a checked shop file, none from a user's string."""
        return {
            "shop": self.shop.name,
            "time_zone": self.shop.time_zone,
            "currency": self.shop.currency,
            "sources": list(self.shop.sources),
            "identical_lines": self.shop.identical_lines,
        }


def load_shop(path: Path) -> Shop:
    """Read and check a shop file. Raises SettingsError naming the file and the field."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        shop = Shop.model_validate(content)
    except FileNotFoundError:
        known = ", ".join(sorted(p.stem for p in path.parent.glob("*.yaml"))) or "none"
        raise SettingsError(f"no shop {path.stem!r} ({path} does not exist): known shops are {known}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the file"
        raise SettingsError(f"{path}: {field}: {first['msg']}") from error
    if shop.name != path.stem:
        raise SettingsError(f"{path}: name: is {shop.name!r}; it must be the file's name, {path.stem!r}")
    return shop


def load_settings(
    shop: str | None = None, home: str | Path | None = None, environment: Mapping[str, str] = os.environ
) -> Settings:
    """Settings for a shop (default `$ALMANAC_SHOP`, else online_retail) and a home (default `$ALMANAC_HOME`).

    `$ALMANAC_SHOPS_DIR` names another folder of shop files, `$ALMANAC_MEMORY_LIMIT` and `$ALMANAC_THREADS`
    bound DuckDB. Raises SettingsError.
    """
    name = shop or environment.get("ALMANAC_SHOP") or "online_retail"
    if not NAME.fullmatch(name):
        raise SettingsError(f"{name!r} is not a shop's name: give the stem of a file in shops/, such as online_retail")
    folder = Path(environment.get("ALMANAC_SHOPS_DIR") or PROJECT_ROOT / "shops")
    shop_file = folder / f"{name}.yaml"
    memory_limit = environment.get("ALMANAC_MEMORY_LIMIT") or "2GB"
    if not re.fullmatch(r"\d+(\.\d+)? ?[KMGT]i?B", memory_limit):
        raise SettingsError(f"ALMANAC_MEMORY_LIMIT is {memory_limit!r}: give a size such as 2GB")
    threads = environment.get("ALMANAC_THREADS") or "2"
    if not re.fullmatch(r"[1-9]\d{0,2}", threads):
        raise SettingsError(f"ALMANAC_THREADS is {threads!r}: give a whole number such as 2")
    where = Path(home or environment.get("ALMANAC_HOME") or Path.cwd() / ".almanac" / name)
    return Settings(
        shop=load_shop(shop_file),
        shop_file=shop_file,
        home=Home(Path(os.path.abspath(where.expanduser()))),  # noqa: PTH100 - keeps symlinks, unlike resolve()
        memory_limit=memory_limit,
        threads=int(threads),
    )
