"""Words of the sections on what happened: data quality, figures, revenue, bridge, cohorts.

Does not belong here: words of what models say (models.py).
"""

from __future__ import annotations

from pipelines.modeling.cards import Text

SHOP_TEXTS = {
    # Freshness and quality
    "quality.title": Text("Freshness and data quality", "数据时效与质量"),
    "quality.short": Text("Data quality", "数据质量"),
    "quality.empty": Text(
        "No delivery is on record, so there is nothing to say about its quality.",
        "没有任何投递记录，因此无从评价质量。",
    ),
    "quality.physical_rows": Text("Rows delivered", "送达行数"),
    "quality.accepted_rows": Text("Accepted", "通过"),
    "quality.quarantined_rows": Text("Quarantined", "隔离"),
    "quality.duplicate_rows": Text("Duplicate", "重复"),
    "quality.blocked_rows": Text("On blocked days", "被拦下"),
    "quality.accounted": Text(
        "Every row of the files that were read is accounted for: the four outcomes add up.",
        "已读取文件中的每一行都有去处：四种结果之和等于送达行数。",
    ),
    "quality.gap": Text(
        "{n} rows are not accounted for: the four outcomes do not add up to the rows delivered.",
        "有 {n} 行去处不明：四种结果之和与送达行数不符。",
    ),
    "quality.chart": Text("Rows set aside per arrival day", "每个到达日被搁置的行数"),
    "quality.nothing_aside": Text(
        "No row was set aside in all the days on record.", "在全部有记录的日期里，没有一行被搁置。"
    ),
    "quality.rows_axis": Text("rows", "行数"),
    "quality.table": Text("Table", "表"),
    "quality.by_table": Text("Rows by table", "按表查看行数"),
    "quality.day": Text("Day", "日期"),
    "quality.verdict": Text("Verdict", "判定"),
    "quality.reason": Text("Reason", "原因"),
    "quality.more_days": Text("… and {n} more", "……另有 {n} 项"),
    "quality.open_days": Text("Open deliveries", "未结的投递"),
    "verdict.blocked": Text("blocked", "被拦下"),
    "verdict.incomplete": Text("incomplete", "不完整"),
    "verdict.missing": Text("missing", "缺失"),
    "verdict.accepted": Text("accepted", "通过"),
    # Beside figures of a period
    "open_days.told": Text(
        "Not complete: {days}. What the missing files would have told counts as zero until they come.",
        "数据不完整：{days}。缺失文件中的内容在送达之前按零计。",
    ),
    "open_days.day": Text("{day} ({what})", "{day}（{what}）"),
    "open_days.tables": Text("{n} tables", "{n} 张表"),
    "open_days.more": Text("and {n} more", "另有 {n} 天"),
    # Figures
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
    "kpi.before": Text("before: {value}", "上期 {value}"),
    "kpi.no_before": Text("no earlier period", "无上期"),
    "kpi.note": Text(
        "Buyers are different customers with an order in the period; returns share is returns ÷ gross sales. "
        "Blue is better, orange is worse than the period before.",
        "购买客户数按时间段去重；退货占比 = 退货 ÷ 销售总额。蓝色表示优于上期，橙色表示差于上期。",
    ),
    # Revenue
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
    "revenue.day_axis": Text("Day", "日期"),
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
    # Bridge
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
    # Cohorts
    "cohorts.title": Text("Do customers come back?", "客户会回来吗？"),
    "cohorts.short": Text("Cohorts", "同期群"),
    "cohorts.empty": Text(
        "No cohort has a month behind it yet, so retention is not known.", "尚无同期群满一个月，因此留存率未知。"
    ),
    "cohorts.lead": Text(
        "One month after their first order {rate} of new customers ordered again (all complete cohorts together).",
        "首单后的下一个月，{rate} 的新客再次下单（全部完整同期群合计）。",
    ),
    "cohorts.note": Text(
        "Rows are months of the first order, with the number of customers; columns are months since. Months that are "
        "not over stay blank.",
        "行是首单月份及客户数，列是此后的月数。未结束的月份留空。",
    ),
    "cohorts.censored": Text(
        "* The first month on record also holds older customers, whose real first order is not known; the share above "
        "leaves it out.",
        "* 有记录的第一个月也包含更早的老客户，其真实首单未知；上面的比例不含该月。",
    ),
    "cohorts.age": Text("Months since the first order", "距首单的月数"),
    "cohorts.cohort": Text("First order in", "首单月份"),
    "cohorts.rate": Text("Share that ordered", "下单占比"),
    "cohorts.active": Text("Customers who ordered", "下单客户数"),
    "cohorts.size": Text("Customers in the cohort", "同期群人数"),
}
