"""Words of the page on sales, in both languages, one entry for both.

Does not belong here: names and reasons found in the data, formats of numbers (pipelines.reporting.language).
"""

from __future__ import annotations

from pipelines.modeling.cards import Text

TEXTS = {
    "kpi.title": Text("Key figures", "关键指标"),
    "kpi.short": Text("Key figures", "关键指标"),
    "kpi.empty": Text("No order is on record, so there are no figures.", "没有任何订单记录，因此没有指标。"),
    "kpi.net_revenue": Text("Net revenue", "净收入"),
    "kpi.net_sales": Text("Net sales", "净销售额"),
    "kpi.orders": Text("Orders", "订单数"),
    "kpi.buyers": Text("Buyers", "购买客户数"),
    "kpi.aov": Text("Average order value", "笔单价"),
    "kpi.new_customers": Text("New customers", "新客数"),
    "kpi.units": Text("Units sold", "销售件数"),
    "kpi.returns_share": Text("Returns share", "退货占比"),
    "kpi.note": Text(
        "Buyers are different customers with an order in the period; returns share is returns ÷ gross sales. "
        "Blue is better, orange is worse than the period before.",
        "购买客户数按时间段去重；退货占比 = 退货 ÷ 销售总额。蓝色表示优于上期，橙色表示差于上期。",
    ),
    "revenue.title": Text("Revenue and its forecast", "收入与预测"),
    "revenue.short": Text("Revenue", "收入"),
    "revenue.empty": Text("No day is on record, so no revenue can be drawn.", "没有任何日期记录，因此无法绘制收入。"),
    "revenue.lead": Text(
        "{horizon} days ahead: {mean} expected in total, against {before} in the {horizon} days before.",
        "未来 {horizon} 天预计合计 {mean}，此前 {horizon} 天为 {before}。",
    ),
    "revenue.lead_alone": Text("{horizon} days ahead: {mean} expected in total.", "未来 {horizon} 天预计合计 {mean}。"),
    "revenue.no_forecast": Text(
        "No revenue forecast was stated for this version, so only the past is drawn.",
        "此版本没有收入预测，因此只绘制历史。",
    ),
    "revenue.older_forecast": Text(
        "The forecast was stated as of {day}, before the newest day of the data.",
        "预测的截止日为 {day}，早于数据的最新一天。",
    ),
    "revenue.country_lead": Text(
        "{country}: {amount} in the period chosen. The forecast is for the whole shop and not drawn for one country.",
        "{country}：所选时间范围内净收入 {amount}。预测针对整个店铺，选择单一国家/地区时不绘制。",
    ),
    "revenue.note": Text(
        "Bars are days; the line is the average of the open days of the last 7. If the model is calibrated, 8 of 10 "
        "days fall into the band. Closed days (·) have neither bar nor forecast; a day marked ! is not complete.",
        "柱为每日净收入，线为最近 7 天内营业日的平均。若模型校准良好，十天中有八天落在区间内。"
        "休息日（·）没有柱，也没有预测；标有 ! 的日期数据不完整。",
    ),
    "revenue.state": Text("State of the data", "数据状态"),
    "revenue.history": Text("Actual", "实际"),
    "revenue.average": Text("7-day average", "7 日平均"),
    "revenue.mean": Text("Forecast", "预测"),
    "revenue.band": Text("80 % interval", "80% 区间"),
    "revenue.naive_name": Text("Rival: same weekday last week", "对照：上周同一星期几"),
    "state.complete": Text("complete", "完整"),
    "state.closed": Text("closed", "休息日"),
    "state.missing": Text("missing", "缺失"),
    "state.incomplete": Text("incomplete", "不完整"),
    "state.blocked": Text("blocked", "被拦下"),
    "bridge.title": Text("From gross sales to the total", "从销售总额到合计"),
    "bridge.short": Text("Bridge", "收入桥"),
    "bridge.empty": Text("No money is on record, so there is no bridge.", "没有任何金额记录，因此没有收入桥。"),
    "bridge.lead": Text(
        "Gross sales of {gross} led to net revenue of {net} ({share}).",
        "销售总额 {gross}，净收入 {net}（{share}）。",
    ),
    "bridge.no_sales": Text("There are no gross sales in this selection.", "此筛选范围内没有销售总额。"),
    "bridge.amount": Text("Amount", "金额"),
    "bridge.part": Text("Part", "组成"),
    "bridge.role.total": Text("Total so far", "累计"),
    "bridge.role.plus": Text("Adds", "增加"),
    "bridge.role.minus": Text("Takes off", "减少"),
    "bridge.table": Text("The bridge as a table", "以表格查看"),
    "bridge.note": Text(
        "Other currencies are taken off because rows are counted in the shop's own; unpaid orders stand here with "
        "their discounts and shipping. What was delivered but not booked (superseded, duplicate, quarantined and "
        "blocked rows) is known for the whole shop only.",
        "送达的行只按店铺本币计算，因此扣除其他币种；此处的未付款订单含其折扣和运费。"
        "已送达但未入账的部分（被替代、重复、隔离、被拦下的行）只按整个店铺统计。",
    ),
    "part.gross_sales": Text("Gross sales", "销售总额"),
    "part.discount": Text("Discounts", "折扣"),
    "part.returns": Text("Returns", "退货"),
    "part.net_sales": Text("Net sales", "净销售额"),
    "part.shipping": Text("Shipping", "运费收入"),
    "part.other": Text("Other", "其他收入"),
    "part.net_revenue": Text("Net revenue", "净收入"),
    "part.fee": Text("Fees", "手续费"),
    "part.bad_debt": Text("Bad debt", "坏账"),
    "part.booked": Text("Total booked", "入账合计"),
    "part.superseded": Text("Superseded rows", "被替代的行"),
    "part.duplicate": Text("Duplicate rows", "重复的行"),
    "part.quarantined": Text("Quarantined rows", "隔离的行"),
    "part.blocked": Text("Blocked rows", "被拦下的行"),
    "part.unpaid": Text("Unpaid orders", "未付款订单"),
    "part.other_currencies": Text("Other currencies", "其他币种"),
    "part.delivered": Text("Total delivered", "送达合计"),
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
