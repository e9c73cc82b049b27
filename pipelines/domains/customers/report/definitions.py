"""The terms that the page on customers uses, with the formulas of docs/glossary.md.

Does not belong here: terms of several domains (pipelines.reporting.definitions).
"""

from __future__ import annotations

from pipelines.reporting.definitions import INTERVAL, RIVAL, define

DEFINITIONS = (
    define(
        "retention rate",
        "留存率",
        "active customers / cohort size; null while the month is not over",
        "活跃客户数 / 同期群人数；月份未结束时为空",
    ),
    define(
        "probability alive",
        "活跃概率",
        "that a customer has not left for good (BG/NBD)",
        "客户尚未永久流失的概率（BG/NBD）",
    ),
    define(
        "flip rate", "换群率", "share of customers whose segment changes in a week", "一周内所属分群发生变化的客户占比"
    ),
    RIVAL,
    INTERVAL,
)
