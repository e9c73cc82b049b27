"""A shop as `shops/<shop>.yaml` tells it: zone, currency, calendar, sources, limits.

Belongs here: reading and checking a shop file. Does not belong here: where its home is, the environment.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from pipelines.settings.domains import domain_settings
from pipelines.settings.errors import SettingsError

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


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
    in `tmp/`, because a replay that takes hours works there. Beyond `statement_days`, one statement a week stays.
    """

    replaced_files_days: Days | None = 365
    run_history_days: Days | None = 90
    statement_days: Days | None = 90
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
    # By domain: false (YAML reads off so) or its settings. Checked by settings/domains.py, which knows the domains.
    domains: dict[Name, Any] = {}

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
    domain_settings(path, shop.domains)
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
