"""The terms that the report uses, with the formulas of docs/glossary.md; some only where their section is there.

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
        "sum of all base amounts = net revenue + fee + bad debt + unpaid orders",
        "全部本位币金额之和 = 净收入 + 手续费 + 坏账 + 未付款订单",
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
        "newest arrival day of which a file was accepted, when the version was published",
        "发布该版本时，已有文件通过的最新到达日",
    ),
    _term(
        "rival",
        "对照方法",
        "a simple method that is stored beside the model and published in its place when it was better",
        "与模型一并保存的简单方法；表现更好时取代模型发布",
    ),
    _term(
        "80 % interval",
        "80% 区间",
        "from q10 to q90: one in ten is expected to end below, one in ten above",
        "从 q10 到 q90：预期十次中有一次低于下限、一次高于上限",
    ),
    _term(
        "WAPE",
        "加权绝对百分比误差",
        "sum of absolute errors / sum of absolute actuals",
        "绝对误差之和 / 实际值绝对值之和",
    ),
    _term(
        "bias",
        "偏差",
        "sum of (predicted - actual) / sum of actuals; above zero is too high",
        "（预测 - 实际）之和 / 实际值之和；大于零表示偏高",
    ),
    _term(
        "pinball loss",
        "分位数损失",
        "mean loss of a quantile forecast; here the mean over q10, q50, q90",
        "分位数预测的平均损失；此处为 q10、q50、q90 的平均",
    ),
    _term(
        "probability alive",
        "活跃概率",
        "that a customer has not left for good (BG/NBD)",
        "客户尚未永久流失的概率（BG/NBD）",
    ),
    _term(
        "flip rate",
        "换群率",
        "share of customers whose segment changes in a week",
        "一周内所属分群发生变化的客户占比",
    ),
)

# By section, for shops that have it.
SECTION_DEFINITIONS = {
    "margin": (
        _term(
            "gross margin",
            "毛利",
            "net revenue - cost of the goods sold; that of refunded goods put back on the shelf is added back",
            "净收入 - 售出商品的成本；退款后重新入库的成本加回",
        ),
        _term(
            "contribution margin",
            "贡献毛利",
            "gross margin - cost of the day's parcels - fees of the day's payments",
            "毛利 - 当日包裹的履约费用 - 当日付款的手续费",
        ),
    ),
    "stock": (
        _term(
            "stock-out rate",
            "缺货率",
            "minutes in which an article could not be sold / minutes of all articles of the day",
            "商品无货可售的分钟数 / 当日全部商品的分钟数",
        ),
        _term(
            "days of cover",
            "可售天数",
            "available units / demand a day: forecast for 28 days, else sold in 28 days while in stock",
            "可售库存 / 日均需求：未来 28 天的预测，无预测时为近 28 天有货期间的销量",
        ),
    ),
}
