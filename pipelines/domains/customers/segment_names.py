"""What customer segments are called: the names in both languages, and the rule that names a cluster by its centre.

Belongs here: names and the naming rule. Does not belong here: how clusters are found.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from pipelines.modeling.cards import Text

# The place in this tuple is the segment's code in arrays. Order: most to least engaged.
SEGMENTS = ("champions", "loyal", "new", "at_risk", "slipping", "hibernating")

SEGMENT_LABELS: Mapping[str, Text] = MappingProxyType(
    {
        "champions": Text("Champions", "核心客户"),
        "loyal": Text("Loyal", "忠诚客户"),
        "new": Text("New", "新客户"),
        "at_risk": Text("At risk", "流失风险客户"),
        "slipping": Text("Slipping away", "渐冷客户"),
        "hibernating": Text("Hibernating", "沉睡客户"),
    }
)

SEGMENT_MEANINGS: Mapping[str, Text] = MappingProxyType(
    {
        "champions": Text("Order most often, spend most, bought lately.", "下单最频繁、消费最高、近期有购买。"),
        "loyal": Text("Order again and again, bought lately.", "反复购买，近期有购买。"),
        "new": Text("First order not long ago, few orders so far.", "首单不久，订单尚少。"),
        "at_risk": Text("Used to order repeatedly, silent for longer than most.", "曾多次购买，沉默时间长于多数客户。"),
        "slipping": Text("One or two small orders, a while ago.", "只有一两笔小额订单，已有一段时间未购买。"),
        "hibernating": Text("Few orders, silent for longest.", "订单很少，沉默时间最长。"),
    }
)

# Where the trees say a segment lies apart: "recency_days:low" and the like are these words in the report.
DIRECTION_LABELS: Mapping[str, Text] = MappingProxyType({"low": Text("low", "低"), "high": Text("high", "高")})

Matrix = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

# Where a lone fifth cluster is one of former regulars or one of one-time buyers: half way between the two kinds of
# centre (frequency + money, standardised), measured over the shop's months: .0 to .8 and -1.2 to -1.6.
_REGULARS_FROM = -0.6


def name_centres(centres: Matrix) -> tuple[Codes, bool]:
    """The segment code of each of 4 to 6 centres, each code once, and whether the names are true to their words.

    Columns of a centre, standardised over the customers: recency (days since the last order), frequency, money, tenure
    (days since the first order). Each name takes, in this order, what is left: champions the most frequent and dearest
    (frequency + money), hibernating the longest silent, new the shortest known, loyal the best of frequency + money -
    recency; of two others at_risk the more frequent and dearer, slipping the last. A centre that moves by less than
    half of what sets it apart from the runner-up keeps its name. Raises ValueError for another number of centres.
    """
    if centres.ndim != 2 or centres.shape[1] != 4 or not 4 <= len(centres) <= len(SEGMENTS):
        raise ValueError(f"4 to {len(SEGMENTS)} centres of 4 columns are named, not an array of shape {centres.shape}")
    recency, tenure, worth = centres[:, 0], centres[:, 3], centres[:, 1] + centres[:, 2]
    taken: dict[str, int] = {}
    for name, merit in (
        ("champions", worth),
        ("hibernating", recency),
        ("new", -tenure),
        ("loyal", worth - recency),
        ("at_risk", worth),
        ("slipping", worth),
    ):
        left = [place for place in range(len(centres)) if place not in taken.values()]
        if left:
            taken[name] = max(left, key=lambda place: float(merit[place]))
    if len(centres) == 5 and worth[taken["at_risk"]] < _REGULARS_FROM:
        taken["slipping"] = taken.pop("at_risk")
    codes = np.empty(len(centres), dtype=np.int64)
    for name, place in taken.items():
        codes[place] = SEGMENTS.index(name)
    return codes, _is_true(taken, recency, worth, tenure)


def _is_true(taken: Mapping[str, int], recency: Matrix, worth: Matrix, tenure: Matrix) -> bool:
    """Does each name say what its centre is? Above or below the average customer (0), and against each other."""
    best, asleep, young, loyal = (taken[name] for name in ("champions", "hibernating", "new", "loyal"))
    regulars, others = taken.get("at_risk", asleep), taken.get("slipping", asleep)
    return bool(
        worth[best] > 0 > recency[best]
        and recency[asleep] > 0 > worth[asleep]
        and tenure[young] < 0
        and recency[young] < recency[asleep]
        and worth[loyal] > worth[asleep]
        and recency[loyal] < recency[regulars]
        and recency[young] < recency[others]
    )
