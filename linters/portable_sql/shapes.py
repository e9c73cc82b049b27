"""Rules that the parts around a word decide: what is cast, divided, rounded, summed, ordered.

Does not belong here: what a single word or sign decides (words.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from linters.portable_sql.kinds import never_null
from linters.portable_sql.reading import Reading, line_of
from linters.portable_sql.rules import Breach, rule

# Where a climb from an expression to what holds it ends.
_HOLDERS = (exp.Query, exp.CTE, exp.Join)


def _within(node: exp.Expr, classes: tuple[type[exp.Expr], ...]) -> bool:
    """Whether one of the classes holds the node, within its own select."""
    parent = node.parent
    while parent is not None and not isinstance(parent, _HOLDERS):
        if isinstance(parent, classes):
            return True
        parent = parent.parent
    return False


@rule("qualify", "`row_number()` in a CTE of its own and `where` in the next")
def qualify(reading: Reading) -> Iterator[Breach]:
    """A filter over windows."""
    for select in reading.tree.find_all(exp.Select):
        if found := select.args.get("qualify"):
            yield Breach(line_of(found), "`qualify`")


@rule("star", "the names of the columns")
def stars(reading: Reading) -> Iterator[Breach]:
    """A star with exceptions."""
    for star in reading.tree.find_all(exp.Star):
        if any(star.args.get(part) for part in ("except_", "replace", "rename")):
            yield Breach(line_of(star), "`exclude`, `replace` or `rename` of a star")


@rule("distinct-on", "`row_number()` and `= 1`")
def distinct_on(reading: Reading) -> Iterator[Breach]:
    """One row of several, by order."""
    for distinct in reading.tree.find_all(exp.Distinct):
        if distinct.args.get("on"):
            yield Breach(line_of(distinct), "`distinct on`")


@rule("extract", "the macro weekday for days of the week, hours_between for spans")
def extracts(reading: Reading) -> Iterator[Breach]:
    """Parts of a date that the engines number each in its own way."""
    alike = {"year", "quarter", "month", "week", "day", "hour", "minute"}
    for found in reading.tree.find_all(exp.Extract):
        if found.name.lower() not in alike:
            yield Breach(line_of(found), f"`extract({found.name.lower()}`")


@rule("time-zone", "the macro shop_date")
def zones(reading: Reading) -> Iterator[Breach]:
    """Conversions between time zones."""
    for found in reading.tree.find_all(exp.AtTimeZone):
        yield Breach(line_of(found), "`at time zone`")


@rule("date-difference", "the macros days_between and hours_between")
def date_differences(reading: Reading) -> Iterator[Breach]:
    """One date less another: a number here, an interval there."""
    for found in reading.tree.find_all(exp.Sub):
        if {reading.kind(found.this), reading.kind(found.expression)} <= {"date", "moment"}:
            yield Breach(line_of(found), "a difference of dates")


@rule("shifted-date", "`cast(... as date)` around it")
def shifted_dates(reading: Reading) -> Iterator[Breach]:
    """A date that was truncated or moved by an interval: a date in one engine, a timestamp in the other."""
    moved = [node for node in reading.tree.find_all(exp.Add, exp.Sub) if isinstance(node.expression, exp.Interval)]
    for found in [*moved, *reading.tree.find_all(exp.DateTrunc, exp.TimestampTrunc)]:
        if not _within(found, (exp.Cast, exp.Predicate)):
            yield Breach(line_of(found), "a date that was moved or truncated, as a value")


@rule("division", "`cast(... as double)` around what is divided, and double_to_decimal around the quotient of money")
def divisions(reading: Reading) -> Iterator[Breach]:
    """Quotients that are no doubles by what is written or documented: decimals are divided to other scales."""
    for found in reading.tree.find_all(exp.Div):
        if not {reading.kind(found.this), reading.kind(found.expression)} & {"double", "whole"}:
            yield Breach(line_of(found), "a quotient of what is not known to be a double")


@rule("decimal", "the macro double_to_decimal")
def decimals(reading: Reading) -> Iterator[Breach]:
    """Doubles cast to decimals: ties fall each in its own way."""
    for found in reading.tree.find_all(exp.Cast):
        if reading.kind(found) == "decimal" and reading.kind(found.this) == "double":
            yield Breach(line_of(found), "`cast(double as decimal)`")


@rule("integer", "floor or ceil inside the cast, or the macro rounded")
def integers(reading: Reading) -> Iterator[Breach]:
    """Fractions cast to whole numbers: rounded here, cut off there."""
    for found in reading.tree.find_all(exp.Cast):
        if reading.kind(found) == "integer" and reading.kind(found.this) in {"double", "decimal"}:
            yield Breach(line_of(found), "a cast of fractions to whole numbers")


@rule("round", "the macros rounded and double_to_decimal")
def rounds(reading: Reading) -> Iterator[Breach]:
    """Rounding of what is not known to be a decimal."""
    for found in reading.tree.find_all(exp.Round):
        if reading.kind(found.this) not in {"decimal", "integer", "whole"}:
            yield Breach(line_of(found), "`round` of what is not known to be a decimal")


@rule("text", "the macro double_as_text")
def texts(reading: Reading) -> Iterator[Breach]:
    """Doubles shown as text."""
    for found in reading.tree.find_all(exp.Cast):
        if reading.kind(found) == "text" and reading.kind(found.this) in {"double", "whole"}:
            yield Breach(line_of(found), "`cast(double as string)`")
    for joined in reading.tree.find_all(exp.DPipe):
        if {reading.kind(joined.this), reading.kind(joined.expression)} & {"double", "whole"}:
            yield Breach(line_of(joined), "a double joined to text")


@rule("replaced-text", "a pattern that begins with ^ or ends with $")
def replaced_texts(reading: Reading) -> Iterator[Breach]:
    """Patterns that may match several times: here the first match is replaced, there all are."""
    for found in reading.tree.find_all(exp.RegexpReplace):
        pattern = found.expression.name if isinstance(found.expression, exp.Literal) else ""
        if not pattern.startswith("^") and not pattern.endswith("$"):
            yield Breach(line_of(found), "`regexp_replace` that may match twice")


@rule("aggregate", "`cast(sum(...) as bigint)`, `as decimal(18, 4)` or `as double`")
def aggregates(reading: Reading) -> Iterator[Breach]:
    """Sums and averages whose type each engine chooses."""
    for found in reading.tree.find_all(exp.Sum, exp.Avg):
        if not _within(found, (exp.Cast, exp.Predicate)):
            yield Breach(line_of(found), f"`{found.key}(` without a cast")


@rule("average", "`cast(... as double)` inside")
def averages(reading: Reading) -> Iterator[Breach]:
    """Averages and medians of what is not known to be a double: of decimals each engine makes another type."""
    for found in reading.tree.find_all(exp.Avg, exp.Median):
        if reading.kind(found.this) not in {"double", "whole"}:
            yield Breach(line_of(found), f"`{found.key}` of what is not known to be a double")


@rule("sum-of-doubles", "a sum of decimals or whole numbers, and one last division")
def sums_of_doubles(reading: Reading) -> Iterator[Breach]:
    """Sums whose last digits depend on the order of the rows."""
    for found in reading.tree.find_all(exp.Sum):
        if reading.kind(found.this) == "double":
            yield Breach(line_of(found), "a sum of doubles")


@rule("window-median", "the macro median_of_days: join and group")
def window_medians(reading: Reading) -> Iterator[Breach]:
    """Medians over windows: Spark allows no frame there."""
    for window in reading.tree.find_all(exp.Window):
        if isinstance(_function(window), exp.Median):
            yield Breach(line_of(window), "`median(...) over`")


_BY_PLACE = (exp.RowNumber, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue, exp.Ntile)


@rule("row-order", "an `order by` that ends in a unique key")
def row_orders(reading: Reading) -> Iterator[Breach]:
    """Windows by place whose order is not known to be one: a single key that is unique in no relation read."""
    for window in reading.tree.find_all(exp.Window):
        select = window.find_ancestor(exp.Select)
        frame = _frame(window, select)
        spec, order = frame.args.get("spec"), frame.args.get("order")
        by_rows = spec is not None and str(spec.args.get("kind")).upper() == "ROWS"
        if not isinstance(_function(window), _BY_PLACE) and not by_rows:
            continue
        ordered = order.expressions if order else []
        parts = [*(frame.args.get("partition_by") or []), *(part.this for part in ordered)]
        names = {part.name for part in parts if isinstance(part, exp.Column)}
        if len(ordered) < 2 and not (ordered and any(key <= names for key in reading.columns.keys(select))):
            yield Breach(line_of(frame), "a window by place whose order may have ties")


def _frame(window: exp.Window, select: exp.Select | None) -> exp.Window:
    """The window itself, or the named one of its select that it stands for."""
    named = (select.args.get("windows") or []) if select is not None else []
    name = window.args["alias"].name if window.args.get("alias") else None
    return next((each for each in named if each.name == name), window)


@rule("nulls", "`nulls last`")
def nulls(reading: Reading) -> Iterator[Breach]:
    """Ascending order by what may be null: nulls come last here and first there."""
    for found in reading.ordered_without_nulls:
        by = found.this
        known = by.name in reading.never_null if isinstance(by, exp.Column) else never_null(by)
        if not found.args.get("desc") and not known:
            yield Breach(line_of(found), "ascending by what may be null")


def _function(window: exp.Window) -> exp.Expr:
    inner: exp.Expr = window.this
    while isinstance(inner, exp.Filter | exp.IgnoreNulls | exp.RespectNulls):
        inner = inner.this
    return inner
