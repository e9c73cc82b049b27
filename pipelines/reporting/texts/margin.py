"""Words of the section on margin.

Does not belong here: words of the bridge of what was delivered and booked (shop.py), which shares names of parts.
"""

from __future__ import annotations

from pipelines.modeling.cards import Text

MARGIN_TEXTS = {
    "margin.title": Text("What is left of what was ordered", "从成交总额到贡献毛利"),
    "margin.short": Text("Margin", "毛利"),
    "margin.lead": Text(
        "Orders of {gmv} (GMV) led to net revenue of {net_revenue}, of which {cm2} is left as contribution margin "
        "({rate}).",
        "成交总额 {gmv}，净收入 {net_revenue}，其中贡献毛利 {cm2}（{rate}）。",
    ),
    "margin.no_orders": Text("Nothing was ordered in this period.", "本期没有任何下单。"),
    "margin.cm2": Text("Contribution margin", "贡献毛利"),
    "margin.cm2_rate": Text("Contribution margin rate", "贡献毛利率"),
    "margin.cm1_rate": Text("Gross margin rate", "毛利率"),
    "margin.unpaid_share": Text("Unpaid share of GMV", "未付款订单占成交总额"),
    "margin.without_rate": Text(
        "The margin is not whole: there is no exchange rate of the day for {orders} orders and {payments} payments, so "
        "they count nothing here until it arrives.",
        "毛利不完整：{orders} 笔订单、{payments} 笔付款缺少当日汇率，汇率到达之前均未计入。",
    ),
    "margin.steps": Text("From GMV to the contribution margin", "从成交总额到贡献毛利"),
    "margin.table": Text("The steps as a table", "以表格查看"),
    "margin.rates_chart": Text("Margin rates, last 7 days together", "毛利率（近 7 日合计）"),
    "margin.note": Text(
        "Rates are shares of net revenue. Gross margin is net revenue less the cost of goods; the contribution margin "
        "also bears shipping cost and payment fees. Returns count on the day on which the money went back.",
        "各比率均以净收入为分母。毛利 = 净收入 − 商品成本；贡献毛利再减去履约费用和支付手续费。退货记在退款当天。",
    ),
    "part.gmv": Text("Orders placed (GMV)", "成交总额"),
    "part.cost": Text("Cost of goods", "商品成本"),
    "part.cm1": Text("Gross margin", "毛利"),
    "part.shipping_cost": Text("Shipping cost", "履约费用"),
    "part.payment_fee": Text("Payment fees", "支付手续费"),
    "part.cm2": Text("Contribution margin", "贡献毛利"),
}
