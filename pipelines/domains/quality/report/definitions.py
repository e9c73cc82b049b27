"""The terms that the page on quality uses, with the formulas of docs/glossary.md.

Does not belong here: terms of several domains (pipelines.reporting.definitions).
"""

from __future__ import annotations

from pipelines.reporting.definitions import RIVAL, define

DEFINITIONS = (
    define(
        "watermark",
        "水位日期",
        "newest arrival day of which a file was accepted, when the version was published",
        "发布该版本时，已有文件通过的最新到达日",
    ),
    define("quarantined", "隔离", "breaks a row rule; kept with its reasons", "违反行规则；连同原因一并保留"),
    define(
        "duplicate",
        "重复",
        "equal to an earlier row of the same file in all columns",
        "与同一文件中更早的一行在所有列上相同",
    ),
    RIVAL,
    define(
        "WAPE",
        "加权绝对百分比误差",
        "sum of absolute errors / sum of absolute actuals",
        "绝对误差之和 / 实际值绝对值之和",
    ),
    define(
        "bias",
        "偏差",
        "sum of (predicted - actual) / sum of actuals; above zero is too high",
        "（预测 - 实际）之和 / 实际值之和；大于零表示偏高",
    ),
    define(
        "pinball loss",
        "分位数损失",
        "mean loss of a quantile forecast; here the mean over q10, q50, q90",
        "分位数预测的平均损失；此处为 q10、q50、q90 的平均",
    ),
)
