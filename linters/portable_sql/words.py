"""Rules that single words and signs decide: which functions and forms both engines know and read alike.

Does not belong here: what only the parts around a word decide (shapes.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlglot import Token, TokenType

from linters.portable_sql.kinds import MACROS
from linters.portable_sql.reading import Reading
from linters.portable_sql.rules import Breach, rule


def _words(text: str) -> set[str]:
    return set(text.split())


# Functions that DuckDB and Spark read alike, some within the limits that a rule of shapes.py sets.
ALIKE = _words("""
    abs avg ceil coalesce count exp floor greatest least ln log2 max median min mod nullif power round sign sqrt
    stddev_samp sum var_samp
    concat_ws left length lower md5 regexp_replace replace right split_part substring trim upper
    cast date_trunc extract make_date try_cast
    dense_rank first_value lag last_value lead ntile rank row_number
""")

_NTH = "`row_number() over (... order by ..., a unique key)` and `= 1`: ties fall one way"
_LIST = "the macro sorted_list; what is asked of a list, ask of its rows: the macro items_of"
_SERIES = "dim_dates for days, `select 1 union all ...` for few numbers (as the macro median_of_days does)"
_SPAN = "the macros days_between and hours_between"
_WEEKDAY = "the macro weekday"
_ZONE = "the macro shop_date"
_QUANTILE = "`median(cast(... as double))` in a group, or `row_number()` over the order"
INSTEAD = {
    **dict.fromkeys(("arg_min", "arg_max", "argmin", "argmax", "min_by", "max_by", "any_value", "first", "last"), _NTH),
    **dict.fromkeys(("list", "array_agg", "list_agg", "collect_list", "string_agg", "group_concat", "listagg"), _LIST),
    **dict.fromkeys(("list_filter", "list_transform", "list_sort", "list_contains", "list_value", "len"), _LIST),
    **dict.fromkeys(("generate_series", "range", "sequence"), _SERIES),
    **dict.fromkeys(("epoch", "epoch_us", "epoch_ms", "unix_timestamp", "unix_micros"), _SPAN),
    **dict.fromkeys(("date_diff", "datediff", "date_sub", "datesub", "age", "timestampdiff"), _SPAN),
    **dict.fromkeys(("dayofweek", "weekday", "isodow", "date_part", "datepart"), _WEEKDAY),
    **dict.fromkeys(("timezone", "from_utc_timestamp", "to_utc_timestamp"), _ZONE),
    **dict.fromkeys(("quantile", "quantile_cont", "quantile_disc", "percentile", "percentile_cont"), _QUANTILE),
    **dict.fromkeys(("struct_pack", "struct", "row", "named_struct"), "a column for each field"),
    **dict.fromkeys(("unnest", "explode"), "`cross join {{ items_of('list', 'item') }}`"),
    **dict.fromkeys(("now", "today", "get_current_timestamp"), "a date from the ledger: no state depends on a clock"),
    "hash": "`md5(concat_ws('|', ...))`",
    "concat": "`||`, or concat_ws: of a null in concat one engine makes null and the other nothing",
    "log": "ln or log2: `log` has base 10 here and base e there",
    "variance": "var_samp",
    "stddev": "stddev_samp",
    "if": "case",
    "strftime": "`cast(... as string)` of a date",
    "strptime": "try_cast, or a typed column of the contract",
}
UNKNOWN = "a function of linters/portable_sql/words.py, or a macro in macros/engines with a form for each engine"

# What stands in front of a parenthesis and is no function.
KEYWORDS = _words("""
    all and any as between by case distinct else end except exists filter from having in intersect interval is join
    lateral like limit not on or over select then union using values when where with within
""")

_CLOCK = {TokenType.CURRENT_DATE, TokenType.CURRENT_TIME, TokenType.CURRENT_TIMESTAMP, TokenType.LOCALTIMESTAMP}
_ALL = {TokenType.GROUP_BY, TokenType.ORDER_BY}
_JOINS = {TokenType.ASOF, TokenType.PIVOT, TokenType.UNPIVOT, TokenType.TABLE_SAMPLE}


def _pairs(reading: Reading) -> Iterator[tuple[Token | None, Token, Token | None]]:
    tokens = reading.tokens
    return zip([None, *tokens], tokens, [*tokens[1:], None], strict=False)


@rule("function", UNKNOWN)
def functions(reading: Reading) -> Iterator[Breach]:
    """Functions that the engines do not read alike, or of which nobody has said that they do."""
    for before, token, after in _pairs(reading):
        name = token.text.lower()
        if after is None or after.token_type != TokenType.L_PAREN or not re.fullmatch(r"[a-z_]\w*", name):
            continue
        if before is not None and before.token_type == TokenType.ALIAS:  # a type, or the columns of an alias
            continue
        if name not in KEYWORDS | ALIKE | set(MACROS):
            yield Breach(token.line, f"`{name}(`", INSTEAD.get(name))


@rule("clock", "a date from the ledger, or the statement's as-of date")
def clock(reading: Reading) -> Iterator[Breach]:
    """What the run's own time would decide."""
    for token in reading.tokens:
        if token.token_type in _CLOCK:
            yield Breach(token.line, f"`{token.text.lower()}`")


@rule("by-all", "the names of the columns")
def by_all(reading: Reading) -> Iterator[Breach]:
    """Grouping or ordering by whatever else there is."""
    for _, token, after in _pairs(reading):
        if token.token_type in _ALL and after is not None and after.token_type == TokenType.ALL:
            yield Breach(after.line, f"`{token.text.lower()} all`")


@rule("interval", "`interval '7 days'`")
def intervals(reading: Reading) -> Iterator[Breach]:
    """Intervals whose number is not quoted."""
    for _, token, after in _pairs(reading):
        if token.token_type == TokenType.INTERVAL and (after is None or after.token_type != TokenType.STRING):
            yield Breach(token.line, "an interval without quotes")


SIGNS = {
    TokenType.DCOLON: ("cast-sign", "`::`", "`cast(... as ...)`"),
    TokenType.DIV: ("whole-division", "`//`", "`cast(floor(cast(a as double) / b) as integer)`"),
    TokenType.DSTAR: ("power-sign", "`**`", "`power(a, b)`"),
    TokenType.CARET: ("power-sign", "`^`", "`power(a, b)`: there it is a bitwise or"),
    TokenType.ARROW: ("lambda", "`->`", _LIST),
    TokenType.L_BRACKET: ("list", "`[`", _LIST),
    TokenType.L_BRACE: ("struct", "`{`", "a column for each field"),
}


def _sign_rule(name: str) -> None:
    signs = {kind: (text, instead) for kind, (of, text, instead) in SIGNS.items() if of == name}

    @rule(name, next(iter(signs.values()))[1])
    def of_sign(reading: Reading) -> Iterator[Breach]:
        for token in reading.tokens:
            if token.token_type in signs:
                yield Breach(token.line, *signs[token.token_type])


for _name in dict.fromkeys(name for name, _, _ in SIGNS.values()):
    _sign_rule(_name)


@rule("relation", "joins on equal keys, and `filter (where ...)`")
def relations(reading: Reading) -> Iterator[Breach]:
    """Kinds of relations that one engine lacks."""
    for token in reading.tokens:
        if token.token_type in _JOINS or token.text.lower() == "positional":
            yield Breach(token.line, f"`{token.text.lower()}`")
