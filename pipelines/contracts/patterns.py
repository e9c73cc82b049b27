"""Regular expressions of the gate: what text of each type looks like, exactly.

Every pattern means the same to DuckDB (RE2) and to Python; "castable" is decided by the text alone, so that both
engines of the gate can count it. Belongs here: patterns, formats, zones. Does not belong: SQL and frames.
"""

from __future__ import annotations

import functools
import re
import zoneinfo

import duckdb

from pipelines.contracts.expression import locked_connection, text_literal

# C0 and C1 controls, delete, zero-width and bidirectional marks, byte-order mark, and U+FFFD (a decoder gave up here).
ODD_CHARACTERS = "[\\x00-\\x1f\\x7f-\\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffd]"
DOUBLE_TEXT = r"-?[0-9]{1,17}(?:\.[0-9]{1,17})?(?:[eE][+-]?[0-9]{1,2})?"
BOOLEAN_TEXT = r"true|false"
_LEAP_YEAR = r"(?:[12][0-9](?:0[48]|[2468][048]|[13579][26])|(?:1[26]|2[048])00)"
# Years 1000 to 2999, every month with its own number of days.
DATE_TEXT = (
    r"(?:[12][0-9]{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))"
    rf"|{_LEAP_YEAR}-02-29)"
)
_TIME_PARTS = {
    "HH": "(?:[01][0-9]|2[0-3])",
    "mm": "[0-5][0-9]",
    "ss": "[0-5][0-9]",
    "SSSSSS": "[0-9]{6}",
    "SSS": "[0-9]{3}",
    "XXX": "(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])",
}
# The same order of parts in every format: what DuckDB's cast reads without guessing.
FORMAT = re.compile(r"yyyy-MM-dd( |'T')HH:mm:ss(\.SSSSSS|\.SSS)?(XXX)?")
MAX_PATTERN = 300


class PatternError(ValueError):
    """A pattern or format that cannot be used; the message says why."""


def check_format(text: str) -> bool:
    """Whether a timestamp format carries an offset. Raises PatternError for formats that are not supported."""
    match = FORMAT.fullmatch(text)
    if match is None:
        raise PatternError(f"format {text[:40]!r} is not supported")
    return match[3] is not None


def timestamp_regex(text: str) -> str:
    """Pattern of exactly the texts that keep a date or timestamp format."""
    if text == "yyyy-MM-dd":
        return DATE_TEXT
    match = FORMAT.fullmatch(text)
    if match is None:
        raise PatternError(f"format {text[:40]!r} is not supported")
    parts = _TIME_PARTS
    fraction = rf"\.{parts[match[2][1:]]}" if match[2] else ""
    joint = "T" if "T" in match[1] else " "
    return f"{DATE_TEXT}{joint}{parts['HH']}:{parts['mm']}:{parts['ss']}{fraction}{parts['XXX'] if match[3] else ''}"


def integer_regex(largest: int) -> str:
    """Pattern of the integers from -(largest + 1) to largest, written without plus sign or leading zeros."""
    return f"0|{_up_to(str(largest))}|-(?:{_up_to(str(largest + 1))})|-0"


def _up_to(limit: str) -> str:
    """Pattern of 1 to `limit` without leading zeros: shorter numbers, then digit by digit along the limit."""
    choices = [rf"[1-9][0-9]{{0,{len(limit) - 2}}}"] if len(limit) > 1 else []
    for place, digit in enumerate(limit):
        lowest, highest = (1 if place == 0 else 0), int(digit) - 1
        if lowest <= highest:
            rest = len(limit) - place - 1
            choices.append(f"{limit[:place]}[{lowest}-{highest}]" + (f"[0-9]{{{rest}}}" if rest else ""))
    return "|".join([*choices, limit])


def decimal_regex(precision: int, scale: int) -> str:
    """Pattern of numbers whose whole part fits DECIMAL(precision, scale), with any number of decimals."""
    whole = precision - scale
    digits = rf"(?:0|[1-9][0-9]{{0,{whole - 1}}})" if whole else "0"
    return rf"-?{digits}(?:\.[0-9]+)?"


def over_scale_regex(precision: int, scale: int) -> str:
    """Pattern of the numbers of `decimal_regex` that have more than `scale` decimals: storing them would round."""
    return decimal_regex(precision, scale).removesuffix(r"(?:\.[0-9]+)?") + rf"\.[0-9]{{{scale + 1},}}"


def check_pattern(pattern: str) -> None:
    """Refuse patterns that one of the two engines reads differently or not at all. Raises PatternError."""
    if len(pattern) > MAX_PATTERN:
        raise PatternError(f"the pattern is longer than {MAX_PATTERN} characters")
    if not pattern.isascii() or not pattern.isprintable():
        raise PatternError("the pattern holds characters outside printable ASCII")
    # Classes such as \d and \w mean Unicode to Python and ASCII to RE2; (?...) flags and groups differ as well.
    if (
        re.search(r"\\[^.\\+*?()\[\]{}|^$/-]", pattern)
        or re.search(r"\(\?(?!:)", pattern)
        or "$" in pattern
        or "^" in re.sub(r"\[\^", "", pattern)
    ):
        raise PatternError("the pattern uses \\d-like classes, anchors, flags or look-around")
    try:
        re.compile(pattern)
        locked_connection().cursor().execute(f"select regexp_full_match('x', {text_literal(pattern)})").fetchone()
    except (re.error, duckdb.Error, RecursionError, OverflowError) as error:
        raise PatternError(f"the pattern is no regular expression ({str(error).splitlines()[0][:120]})") from error


@functools.cache
def time_zones() -> frozenset[str]:
    """The names of all time zones that this machine knows. Kept: to look is to walk over 600 files (12 ms), and the
    contracts of one shop name twenty."""
    return frozenset(zoneinfo.available_timezones())
