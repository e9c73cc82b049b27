"""The terms that the page on sales uses, with the formulas of docs/glossary.md.

Does not belong here: terms of several domains (pipelines.reporting.definitions).
"""

from __future__ import annotations

from pipelines.reporting.definitions import INTERVAL, RIVAL, define

DEFINITIONS = (
    define("gross sales", "销售总额", "sum of line amounts of lines sold", "售出行的行金额之和"),
    define(
        "returns",
        "退货",
        "sum of line amounts of cancelled product lines (negative), on the cancellation's day",
        "被取消的商品行的行金额之和（负数），记在取消当天",
    ),
    define("net sales", "净销售额", "gross sales + discount + returns", "销售总额 + 折扣 + 退货"),
    define("net revenue", "净收入", "net sales + shipping + other", "净销售额 + 运费收入 + 其他收入"),
    define(
        "total",
        "合计",
        "sum of all base amounts = net revenue + fee + bad debt + unpaid orders",
        "全部本位币金额之和 = 净收入 + 手续费 + 坏账 + 未付款订单",
    ),
    define(
        "orders", "订单数", "number of sale orders, later cancelled ones included", "销售订单的数量，含后来被取消的"
    ),
    define("average order value (AOV)", "笔单价", "net sales / orders", "净销售额 / 订单数"),
    define(
        "new customers", "新客数", "buyers whose first sale order lies on that day", "首个销售订单发生在当天的购买客户"
    ),
    RIVAL,
    INTERVAL,
    define(
        "gross margin",
        "毛利",
        "net revenue - cost of the goods sold; that of refunded goods put back on the shelf is added back",
        "净收入 - 售出商品的成本；退款后重新入库的成本加回",
        section="margin",
    ),
    define(
        "contribution margin",
        "贡献毛利",
        "gross margin - cost of the day's parcels - fees of the day's payments",
        "毛利 - 当日包裹的履约费用 - 当日付款的手续费",
        section="margin",
    ),
)
