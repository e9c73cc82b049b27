"""The terms that the page on inventory uses, with the formulas of docs/glossary.md.

Does not belong here: terms of several domains (pipelines.reporting.definitions).
"""

from __future__ import annotations

from pipelines.reporting.definitions import INTERVAL, RIVAL, define

DEFINITIONS = (
    define(
        "stock-out rate",
        "缺货率",
        "minutes in which an article could not be sold / minutes of all articles of the day",
        "商品无货可售的分钟数 / 当日全部商品的分钟数",
        section="stock",
    ),
    define(
        "days of cover",
        "可售天数",
        "available units / demand a day: forecast for 28 days, else sold in 28 days while in stock",
        "可售库存 / 日均需求：未来 28 天的预测，无预测时为近 28 天有货期间的销量",
        section="stock",
    ),
    RIVAL,
    INTERVAL,
)
