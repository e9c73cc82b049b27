"""The classes of what is planted: what each is called, and the fault that treats it wrongly.

Belongs here: classes that any system's dirt may have, and finding those of one system alone (CLASSES in its plants.py).
Does not belong here: which rows and files are struck (plants.py, files.py), the fates (plants.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.arguments import SimulationError
from simulator.dirt.plants import plants_of
from simulator.system import System
from simulator.systems import part_of
from simulator.text import Text


@dataclass(frozen=True)
class PlantClass:
    """One class: its name, its words, the fault that the grade of its fate must catch (None: it is not graded, since
    nothing tells such a row from a right one)."""

    name: str
    text: Text
    fault: str | None


COPIES_KEPT, FIRST_STANDS = "lines delivered twice are kept", "the first version of a row stands, not the last"
LATE_DROPPED, NO_RULE = "what comes after its day is dropped", "no rule is asked"
DAMAGED_READ, NEVER_LET_IN = "a damaged file is read as far as it goes", "a row whose parent is late is never let in"

SHARED = (
    PlantClass("exact_duplicate", Text("exact duplicate", "完全重复"), COPIES_KEPT),
    PlantClass("near_duplicate", Text("near duplicate", "近似重复"), FIRST_STANDS),
    PlantClass("late_file", Text("late file", "迟到文件"), LATE_DROPPED),
    PlantClass("late_row", Text("late row", "迟到行"), LATE_DROPPED),
    PlantClass("restated_row", Text("restated row", "更正行"), FIRST_STANDS),
    PlantClass("wrong_type", Text("wrong type", "类型错误"), NO_RULE),
    PlantClass("missing_key", Text("missing key", "缺少主键"), NO_RULE),
    PlantClass("orphan", Text("waiting row", "等待主记录"), NEVER_LET_IN),
    PlantClass("orphan_of_late_parent", Text("late parent", "主记录迟到"), NEVER_LET_IN),
    PlantClass("negative_quantity", Text("negative quantity", "负数量"), NO_RULE),
    PlantClass("wrong_currency", Text("wrong currency", "币种错误"), NO_RULE),
    PlantClass("future_clock", Text("date in the future", "未来时间"), NO_RULE),
    PlantClass("mojibake", Text("garbled text", "乱码"), NO_RULE),
    PlantClass("extra_column", Text("extra column", "多出一列"), DAMAGED_READ),
    PlantClass("renamed_column", Text("renamed column", "列名被改"), DAMAGED_READ),
    PlantClass("truncated_file", Text("truncated file", "文件截断"), DAMAGED_READ),
    PlantClass("odd_but_right", Text("odd but right", "异常但正确"), LATE_DROPPED),
    PlantClass("plausible_wrong", Text("plausible and wrong", "看似合理的错误"), None),
)


def classes_of(systems: Sequence[System]) -> list[PlantClass]:
    """All classes of these systems' dirt, by name. Raises SimulationError for a plant of a class that nobody has put
    into words, and for one that is declared twice."""
    found = list(SHARED)
    for system in systems:
        found += getattr(part_of(system, "plants"), "CLASSES", ())
    names = [one.name for one in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise SimulationError(f"the class {twice[0]} of plants is declared twice")
    for system in systems:
        if unknown := sorted({plant.name for plant in plants_of(system)} - {*names}):
            raise SimulationError(f"system {system.name} plants {unknown[0]}, a class without words: see CLASSES")
    return sorted(found, key=lambda one: one.name)
