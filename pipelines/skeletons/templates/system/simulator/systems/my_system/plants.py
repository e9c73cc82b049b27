"""What is wrong with the rows of my system, and how often.

Does not belong here: how a kind of mistake looks in general (simulator.dirt.plants).
"""

from __future__ import annotations

from simulator.dirt.plants import Plant, copies, late_rows

PLANTS: tuple[Plant, ...] = (
    *copies({"my_table": 0.01}),
    *late_rows({"my_table": 0.01}),
)
