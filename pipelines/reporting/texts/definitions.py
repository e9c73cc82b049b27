"""The terms that the report uses, with the formulas of docs/glossary.md.

Does not belong here: terms that the report does not use. A test compares English name, Chinese name and English
formula with the glossary.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.modeling.cards import Text


@dataclass(frozen=True)
class Definition:
    """A term and its formula in both languages."""

    term: Text
    formula: Text


def _term(en: str, zh: str, formula: str, formula_zh: str) -> Definition:
    return Definition(Text(en, zh), Text(formula, formula_zh))


DEFINITIONS = (
    _term("gross sales", "销售总额", "sum of line amounts of lines sold", "售出行的行金额之和"),
    _term(
        "returns",
        "退货",
        "sum of line amounts of cancelled product lines (negative), on the cancellation's day",
        "被取消的商品行的行金额之和（负数），记在取消当天",
    ),
    _term("net sales", "净销售额", "gross sales + discount + returns", "销售总额 + 折扣 + 退货"),
    _term("net revenue", "净收入", "net sales + shipping + other", "净销售额 + 运费收入 + 其他收入"),
    _term(
        "total",
        "合计",
        "sum of all line amounts = net revenue + fee + bad debt",
        "全部行金额之和 = 净收入 + 手续费 + 坏账",
    ),
    _term(
        "orders",
        "订单数",
        "number of sale orders, later cancelled ones included",
        "销售订单的数量，含后来被取消的",
    ),
    _term("average order value (AOV)", "笔单价", "net sales / orders", "净销售额 / 订单数"),
    _term(
        "new customers",
        "新客数",
        "buyers whose first sale order lies on that day",
        "首个销售订单发生在当天的购买客户",
    ),
    _term(
        "retention rate",
        "留存率",
        "active customers / cohort size; null while the month is not over",
        "活跃客户数 / 同期群人数；月份未结束时为空",
    ),
    _term("quarantined", "隔离", "breaks a row rule; kept with its reasons", "违反行规则；连同原因一并保留"),
    _term(
        "duplicate",
        "重复",
        "equal to an earlier row of the same file in all columns",
        "与同一文件中更早的一行在所有列上相同",
    ),
    _term(
        "watermark",
        "水位日期",
        "newest arrival day of which rows were accepted, when the version was published",
        "发布该版本时，已有行通过的最新到达日",
    ),
)
