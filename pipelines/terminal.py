"""What a person at the command line is shown: progress, open days in few lines, mistakes in one.

Belongs here: wording and layout, given plain values. Does not belong: deciding anything (pipelines.cli and below).
"""

from __future__ import annotations

import datetime as dt
import itertools
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import click

MOST_LINES = 8
QUERY_STOPPED = "Query interrupted"
"""What DuckDB says, by errors of several classes, when a signal comes while it works."""


def one_line(text: str, limit: int = 700) -> str:
    """The text without line breaks, cut where nobody reads on."""
    flat = " ".join(text.split())
    return flat if len(flat) <= limit else f"{flat[: limit - 4]} ..."


def counted(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: `1 row`, `2,000 rows`; `many` where the plural does not end in s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def explained(reason: str) -> str:
    """The reason in one line; led by its cause where libraries name a full disk each in words of their own."""
    full = ("No space left", "File too large", "disk I/O error", "disk is full", "Could not write all bytes")
    if any(words in reason for words in full):
        return f"the disk is full or a file may not grow; make room and run the command again ({one_line(reason, 300)})"
    return one_line(reason)


def told_once(warnings: Iterable[str], most: int | None = None) -> list[str]:
    """Warnings (`asset: text` each) as few lines: assets of which the same is said share one, `most` named."""
    assets: dict[str, list[str]] = {}
    for warning in warnings:
        asset, _, text = warning.partition(": ")
        assets.setdefault(text, []).append(asset)
    lines = []
    for text, names in assets.items():
        more = f" and {len(names) - most} more" if most and len(names) > most else ""
        lines.append(f"{', '.join(names[:most])}{more}: {text}")
    return lines


def open_day_lines(
    entries: Iterable[Mapping[str, Any]], is_open: Callable[[dt.date], bool], first: dt.date, last: dt.date
) -> list[str]:
    """Open days (`table, day, verdict, reason` each) as few lines: days in a row with the same verdict are one.

    Days on which the shop is closed do not break a row. What touches `first` to `last` stands first.
    """
    groups = _rows_of_days(entries, is_open)
    groups.sort(key=lambda group: not _touches(group, first, last))  # stable: else by table and day
    lines = [_open_line(group) for group in groups]
    if len(lines) > MOST_LINES:
        days = sum(len(group) for group in groups[MOST_LINES:])
        lines[MOST_LINES:] = [f"... and {days:,} more open deliveries"]
    return lines


_Entry = tuple[str, str, str, dt.date]


def _rows_of_days(entries: Iterable[Mapping[str, Any]], is_open: Callable[[dt.date], bool]) -> list[Sequence[_Entry]]:
    days: list[_Entry] = sorted(
        (entry["table"], entry["verdict"], one_line(entry["reason"] or "", 200), dt.date.fromisoformat(entry["day"]))
        for entry in entries
    )
    groups: list[list[_Entry]] = []
    for _, same in itertools.groupby(days, key=lambda entry: entry[:3]):
        for entry in same:
            if groups and groups[-1][0][:3] == entry[:3] and _follows(groups[-1][-1][3], entry[3], is_open):
                groups[-1].append(entry)
            else:
                groups.append([entry])
    return sorted(groups, key=lambda group: (group[0][0], group[0][3]))


def _follows(earlier: dt.date, later: dt.date, is_open: Callable[[dt.date], bool]) -> bool:
    between = (later - earlier).days - 1
    return not any(is_open(earlier + dt.timedelta(days=n + 1)) for n in range(between))


def _touches(group: Sequence[_Entry], first: dt.date, last: dt.date) -> bool:
    return any(first <= entry[3] <= last for entry in group)


def _open_line(group: Sequence[_Entry]) -> str:
    table, verdict, reason, day = group[0]
    if len(group) == 1:
        return f"open: {table} {day} {verdict}: {reason}".removesuffix(": ")
    why = "" if verdict == "missing" else f": {reason}"
    return f"open: {table} {len(group):,} days {verdict} ({day} to {group[-1][3]}){why}".removesuffix(": ")


def statement_lines(materialized: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What a person should know of the models' statements and the report, from the assets' metadata: one line when the
    run made no statement because it ended before the newest arrival, one when the report could not be drawn."""
    lines = []
    told = [facts for name, facts in materialized.items() if name.startswith(("ml/", "act/"))]
    if late := next((facts for facts in told if str(facts.get("stated")).startswith("no:")), None):
        why = str(late["stated"]).removeprefix("no: ")
        lines.append(f"no new statements: {why} ({late['as_of_date']}); refresh that day to make them")
    if failed := materialized.get("published/marts", {}).get("report_failed"):
        lines.append(f"warning: the tables are published, the report could not be drawn: {one_line(failed, 300)}")
    return lines


class ProgressLine:
    """A bar that is redrawn in place on a terminal; elsewhere one plain line per stage."""

    def __init__(self, on_terminal: bool) -> None:
        self.on_terminal = on_terminal
        self.stage = ""
        self.ended = True

    def show(self, stage: str, done: int, total: int) -> None:
        """Draw the stage's state: `done` of `total` units. A finished stage keeps its line."""
        if not self.on_terminal:
            if stage != self.stage:
                click.echo(f"  {stage} ...")
            self.stage = stage
            return
        if stage != self.stage:
            self.close()
        self.stage, self.ended = stage, False
        click.echo("\r" + self._line(stage, done, max(total, 1)), nl=False)

    def _line(self, stage: str, done: int, total: int) -> str:
        """Name, bar and count, never wider than the terminal: a line that wraps cannot be redrawn."""
        columns = shutil.get_terminal_size().columns - 1
        count = f" {done:,}/{total:,}"
        name = f"  {stage[:38]:38}"[: max(columns - len(count) - 12, 8)]
        width = min(30, columns - len(name) - len(count) - 3)
        filled = width * done // total
        return f"{name} [{'#' * filled}{'.' * (width - filled)}]{count}".ljust(min(columns, 90))[:columns]

    def close(self) -> None:
        """Leave the bar's line, so that what follows starts on its own."""
        if self.on_terminal and not self.ended:
            click.echo()
        self.ended = True
