"""A source contract after checking: plain frozen data that the rest of the pipeline reads.

Belongs here: the shapes (columns, file format, rules, bounds) and what follows from them alone.
Does not belong: reading YAML (odcs.py), SQL text (parse.py, rules.py), pandas (predicates.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipelines.contracts.expression import Expression

Severity = Literal["error", "warning"]
PersonalData = Literal["direct", "pseudonym", "none"]

# Columns that the loader adds behind the delivered ones, before the gate (name, type).
DELIVERY_COLUMNS: tuple[tuple[str, str], ...] = (
    ("_delivery_id", "VARCHAR"),
    ("_arrival_date", "DATE"),
    ("_arrival_seq", "INTEGER"),
    ("_row_number", "BIGINT"),
)

# What a row rule may name beside the contract's own columns.
ROW_RULE_EXTRAS: tuple[tuple[str, str], ...] = (("_own_event_date", "DATE"), ("_arrival_date", "DATE"))


@dataclass(frozen=True)
class FileFormat:
    """How the delivered files are laid out. JSON Lines and Parquet say all but their name themselves: the other fields
    are of CSV."""

    format: Literal["csv", "jsonl", "parquet"]
    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'
    escape: str = '"'
    header: bool = True


@dataclass(frozen=True)
class Bound:
    """An interval that a number must lie in; None is open, `strict_*` leaves the end out."""

    minimum: float | None = None
    maximum: float | None = None
    strict_minimum: bool = False
    strict_maximum: bool = False

    def __str__(self) -> str:
        """The bound as a reader would say it: `at least 20`, `between 0.2 and 40`."""
        if self.minimum is not None and self.minimum == self.maximum:
            return f"exactly {self.minimum:g}"
        if self.minimum is not None and self.maximum is not None:
            return f"between {self.minimum:g} and {self.maximum:g}"
        if self.minimum is not None:
            return f"{'more than' if self.strict_minimum else 'at least'} {self.minimum:g}"
        return f"{'less than' if self.strict_maximum else 'at most'} {self.maximum:g}"

    def holds(self, value: float | None) -> bool:
        """Whether `value` lies inside. None (nothing to measure) never does: the gate fails closed."""
        if value is None:
            return False
        low, high = self.minimum, self.maximum
        above = low is None or (value > low if self.strict_minimum else value >= low)
        below = high is None or (value < high if self.strict_maximum else value <= high)
        return above and below


@dataclass(frozen=True)
class Column:
    """One delivered column: its type and the limits its text and value must keep; the name that staging gives it (None:
    staging leaves it out), and whether it is trimmed there, with null for what is empty then."""

    name: str
    sql_type: str
    description: str
    required: bool
    personal_data: PersonalData
    pattern: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    minimum: float | str | None = None
    maximum: float | str | None = None
    format: str | None = None
    zone: str | None = None
    has_offset: bool = False
    staged_as: str | None = None
    is_trimmed: bool = False

    @property
    def is_text(self) -> bool:
        """Whether the column stays text after parsing."""
        return self.sql_type == "VARCHAR"

    @property
    def decimal_scale(self) -> tuple[int, int] | None:
        """(precision, scale) of a DECIMAL column, else None."""
        if not self.sql_type.startswith("DECIMAL("):
            return None
        precision, scale = self.sql_type[8:-1].split(",")
        return int(precision), int(scale)


@dataclass(frozen=True)
class RowRule:
    """A condition that only a BAD row meets; such rows are quarantined with reason `row:<name>`."""

    name: str
    bad: Expression
    description: str
    dimension: str

    @property
    def rule_id(self) -> str:
        """The stable reason code."""
        return f"row:{self.name}"


@dataclass(frozen=True)
class DayRule:
    """A number measured once per arrival day. `error` blocks the day, `warning` only says so.

    `metric` is one of the standard's library metrics or `sql` (then `aggregate` is set and looks only at the rows that
    broke no row rule). `column` is set for metrics of one column, `properties` for `duplicateValues` of several.
    `percent` measures shares of the day's delivered rows, 0 to 100.
    """

    name: str
    metric: Literal["rowCount", "nullValues", "invalidValues", "duplicateValues", "sql"]
    bound: Bound
    severity: Severity
    percent: bool
    description: str
    dimension: str
    column: str | None = None
    properties: tuple[str, ...] = ()
    valid_values: tuple[str, ...] = ()
    aggregate: Expression | None = None


@dataclass(frozen=True)
class Parent:
    """Each value of `column` must stand in `parent_column` of the source's table `table`; a row whose parent has not
    been accepted waits for it in quarantine, reason `<column>:waiting_for_parent`."""

    column: str
    table: str
    parent_column: str

    @property
    def rule_id(self) -> str:
        """The stable reason code."""
        return f"{self.column}:waiting_for_parent"


@dataclass(frozen=True)
class SourceContract:
    """What one raw table must look like. `row_key` orders versions of a row; `control_total` sums to its money,
    over the rows that meet `control_rows` where it is given: money of two currencies is never added. `control_entity`
    is whose money that is."""

    source: str
    table: str
    version: str
    description: str
    row_description: str
    columns: tuple[Column, ...]
    file_format: FileFormat
    row_key: tuple[str, ...]
    document_key: tuple[str, ...]
    event_timestamp: str | None
    source_updated_at: str | None
    control_total: Expression | None
    row_rules: tuple[RowRule, ...]
    day_rules: tuple[DayRule, ...]
    freshness_hours: float | None
    parents: tuple[Parent, ...] = ()
    control_rows: Expression | None = None
    control_entity: str | None = None

    @property
    def raw_table(self) -> str:
        """Name of the table in schema `raw`."""
        return f"{self.source}__{self.table}"

    @property
    def column_names(self) -> tuple[str, ...]:
        """Delivered column names in file order."""
        return tuple(column.name for column in self.columns)

    @property
    def direct_columns(self) -> tuple[str, ...]:
        """Names of the columns that hold direct personal data, of which only a hash is stored outside `private/`."""
        return tuple(column.name for column in self.columns if column.personal_data == "direct")

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)
