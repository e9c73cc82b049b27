"""A grade: one measure of one capability against its bar, as it is declared and as it came out.

Belongs here: the form of grades. Does not belong here: how anything is measured (grades.py of a system or capability),
how grades are shown (told.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from simulator.text import Text

if TYPE_CHECKING:
    from simulator.grading.evidence import Evidence

Sense = Literal["at least", "at most"]


@dataclass(frozen=True)
class Capability:
    """What is graded: its name, its words, its place among the others (those of one place by name)."""

    name: str
    text: Text
    place: int = 100


@dataclass(frozen=True)
class Asked:
    """A grade as it is declared.

    measure: its name; `fate right: late_row` is two parts, and `texts` are the words of each. The value must be
    `at least` or `at most` the `bar`. fault: the name of what must fail it, found in the tests. rule: what the value
    must not be worse than either, where there is a simple rule to beat (its own value comes with the measure).
    is_share: the value is written as a percentage.
    """

    measure: str
    texts: tuple[Text, ...]
    sense: Sense
    bar: float
    fault: str
    rule: Text | None = None
    is_share: bool = False

    def __post_init__(self) -> None:
        if len(self.texts) != len(self.measure.split(": ")):
            raise ValueError(f"grade {self.measure!r}: give words of each of its parts")


@dataclass(frozen=True)
class Printed:
    """A figure beside the grades that nothing is asked of."""

    capability: str
    measure: str
    text: str


@dataclass(frozen=True)
class Measured:
    """What was seen: values by measure (one that is asked for and not here is not graded), those of the rules to beat
    by measure, and what is only printed: a name and a text."""

    values: Mapping[str, float]
    rules: Mapping[str, float] = field(default_factory=dict)
    printed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Grade:
    """What was asked, and what was seen. NaN passes no bar."""

    capability: Capability
    asked: Asked
    value: float
    rule: float | None = None

    @property
    def measure(self) -> str:
        """Its name."""
        return self.asked.measure

    @property
    def passed(self) -> bool:
        """Whether the bar holds, and the rule is no better."""
        limits = [self.asked.bar, *([] if self.rule is None else [self.rule])]
        return all(self.value >= limit if self.asked.sense == "at least" else self.value <= limit for limit in limits)


@dataclass(frozen=True)
class Marks:
    """All grades of a home, and what is only printed."""

    grades: tuple[Grade, ...] = ()
    printed: tuple[Printed, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every bar holds."""
        return all(item.passed for item in self.grades)

    def __add__(self, other: Marks) -> Marks:
        return Marks(self.grades + other.grades, self.printed + other.printed)


@dataclass(frozen=True)
class Grading:
    """What one `grades.py` declares as GRADING: what is asked of a capability, and how it is measured."""

    capability: Capability
    asked: Callable[[], Sequence[Asked]]
    measure: Callable[[Evidence], Measured]

    def marks(self, evidence: Evidence) -> Marks:
        """The grades in the order in which they are asked. Raises ValueError for a value that nothing was asked of, and
        for a rule without its value."""
        seen, asked = self.measure(evidence), {item.measure: item for item in self.asked()}
        odd = {*seen.values} - {*asked}
        odd |= {name for name in seen.values if name in asked and bool(asked[name].rule) != (name in seen.rules)}
        if odd:
            raise ValueError(f"{self.capability.name}: measured and asked differ in {', '.join(sorted(odd))}")
        grades = [
            Grade(self.capability, item, seen.values[name], seen.rules.get(name))
            for name, item in asked.items()
            if name in seen.values
        ]
        return Marks(tuple(grades), tuple(Printed(self.capability.name, name, text) for name, text in seen.printed))
