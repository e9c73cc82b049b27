"""The steps of a day: what systems declare that happens, put into an order.

Belongs here: finding and ordering. Does not belong here: any step (systems/<system>/days.py declares them as STEPS).
"""

from __future__ import annotations

from collections.abc import Sequence

from simulator.arguments import SimulationError
from simulator.system import System
from simulator.systems import all_systems, part_of
from simulator.world import Step


def lived_steps(systems: Sequence[System]) -> list[Step]:
    """The steps of the systems, and of those that one of them needs, in an order that keeps to every `needs` and
    `before`; what is left open is as the systems are ordered, and the steps in their days.py.

    A shop whose warehouse hands nothing over has stock all the same. Raises SimulationError for a step that needs one
    that is not, and for steps that wait for each other.
    """
    of_system = {system.name: _declared(system) for system in all_systems()}
    known = {step.name for steps in of_system.values() for step in steps}
    lived, todo = set[str](), [system.name for system in systems]
    while todo:
        name = todo.pop()
        lived.add(name)
        needed = {(step.name, need) for step in of_system[name] for need in step.needs}
        if unknown := sorted(pair for pair in needed if pair[1] not in known):
            raise SimulationError(f"step {unknown[0][0]} needs {unknown[0][1]}, which no system declares")
        todo += sorted({need.split(".")[0] for _, need in needed} - lived)
    return _ordered([step for name, steps in of_system.items() if name in lived for step in steps])


def _ordered(steps: Sequence[Step]) -> list[Step]:
    """Raises SimulationError for steps that wait for each other."""
    after = {step.name: {*step.needs} for step in steps}
    for step in steps:
        for name in step.before:
            if name in after:
                after[name].add(step.name)
    waiting, ordered = list(steps), list[Step]()
    while waiting:
        done = {step.name for step in ordered}
        free = next((step for step in waiting if after[step.name] <= done), None)
        if free is None:
            raise SimulationError(f"the steps {', '.join(step.name for step in waiting)} wait for each other")
        waiting.remove(free)
        ordered.append(free)
    return ordered


def _declared(system: System) -> tuple[Step, ...]:
    steps: tuple[Step, ...] = getattr(part_of(system, "days"), "STEPS", ())
    if wrong := [step.name for step in steps if step.system != system.name]:
        raise SimulationError(f"system {system.name} declares steps of another one: {', '.join(wrong)}")
    return steps
