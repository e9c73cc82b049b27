"""What is planted into whole files: late ones and damaged ones, which are refused and come again, corrected.

Belongs here: which file of which day is struck, when the right one comes, in which files a single row may come late.
Does not belong here: how a damaged file looks (simulator.write). All of it is a function of the seed and the day alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.arguments import Arguments
from simulator.streams import stream
from simulator.system import Table

LATE = "late_file"
CLASSES = (LATE, "extra_column", "renamed_column", "truncated_file")
RATE = 0.016  # of each class, per file of a day that may be struck
LONGEST = 3
LATEST_ROW = 4


@dataclass(frozen=True)
class Strike:
    """A file that does not come as it should: its day, what happens to it, the day on which it comes whole."""

    day: int
    name: str
    arrival: int

    @property
    def damage(self) -> str | None:
        """How the file that comes on its own day is damaged; None when none comes then."""
        return None if self.name == LATE else self.name


def strikes(arguments: Arguments, table: Table, days: int) -> dict[int, Strike]:
    """The strikes on a table within its first `days` days, by day; never on the first."""
    found = {}
    for day in range(1, days) if not table.is_spared else ():
        # Of each ten days the last three are spared: a length that is a multiple of ten ends with all files corrected.
        if day % 10 < 7:
            which, delay = stream(arguments.seed, f"dirt/files/{table.dirt_stream}", day).random(2)
            if which < RATE * len(CLASSES):
                found[day] = Strike(day, CLASSES[int(which / RATE)], day + 1 + int(delay * LONGEST))
    return found


def days_for_rows(day: int, struck: dict[int, Strike]) -> list[int]:
    """The days in whose file a row of `day` may come late: the next four, without struck ones (at least one day)."""
    later = day + 1
    while not (free := [d for d in range(later, later + LATEST_ROW) if d not in struck]):
        later += LATEST_ROW
    return free
