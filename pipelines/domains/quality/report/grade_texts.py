"""Words of grades: capabilities, measures and classes of planted rows as a reader calls them.

Does not belong here: the names themselves, which come with the grades. A measure is told part by part, as it is named:
`fate right: late_row` is two parts. A grade that brings its own words in both languages needs none here.
"""

from __future__ import annotations

from pipelines.modeling.cards import Text

GRADE_TEXTS = {
    "grades.title": Text("Graded against the truth", "对照真相评分"),
    "grades.short": Text("Grades", "评分"),
    "grades.lead": Text("All {n} grades pass.", "{n} 项评分全部通过。"),
    "grades.lead_failed": Text(
        "{passed} of {n} grades pass; {failed} fail and stand first.",
        "{n} 项评分中 {passed} 项通过；未通过的 {failed} 项列在前面。",
    ),
    "grades.note": Text(
        "The truth about this shop is known. Each figure that was published is held against it: what was seen, and "
        "what is asked.",
        "该店铺的真实情况已知。每个已发布的数字都与之对照：实测值与要求值。",
    ),
    "grades.passed": Text("{passed} of {n} pass", "{n} 项中 {passed} 项通过"),
    "grades.measure": Text("Measure", "指标"),
    "grades.value": Text("Seen", "实测"),
    "grades.bar": Text("Asked", "要求"),
    "grades.at_least": Text("at least {bar}", "至少 {bar}"),
    "grades.at_most": Text("at most {bar}", "至多 {bar}"),
    "grades.given": Text("{bar}", "{bar}"),
    "grades.not_measured": Text("not measured", "未能测得"),
    "fates.title": Text("Bad and late rows that met the right fate", "脏数据与迟到数据的正确处理率"),
    "fates.told": Text(
        "{right} of {n} kinds of planted rows are treated as they should be: duplicates counted once, wrong rows held "
        "back, late and corrected ones let in.",
        "共植入 {n} 类异常数据，其中 {right} 类达到要求：重复行只计一次，错误行被隔离，迟到和更正的行被接纳。",
    ),
    "capability.bad and late data": Text("Bad and late data", "脏数据与迟到数据"),
    "capability.rows": Text("Completeness of the facts", "事实表完整性"),
    "capability.money": Text("Money", "金额"),
    "capability.stock": Text("Stock and fulfilment", "库存与履约"),
    "capability.demand": Text("Demand forecast", "需求预测"),
    "capability.customers": Text("Customers", "客户"),
    "graded.fate right": Text("share of planted rows that met the right fate", "植入行得到正确处理的比例"),
    "graded.exact_duplicate": Text("exact duplicate", "完全重复"),
    "graded.near_duplicate": Text("near duplicate", "近似重复"),
    "graded.late_file": Text("late file", "迟到文件"),
    "graded.late_row": Text("late row", "迟到行"),
    "graded.restated_row": Text("restated row", "更正行"),
    "graded.wrong_type": Text("wrong type", "类型错误"),
    "graded.missing_key": Text("missing key", "缺少主键"),
    "graded.orphan": Text("waiting row", "等待主记录"),
    "graded.orphan_of_late_parent": Text("late parent", "主记录迟到"),
    "graded.negative_quantity": Text("negative quantity", "负数量"),
    "graded.wrong_currency": Text("wrong currency", "币种错误"),
    "graded.future_clock": Text("date in the future", "未来时间"),
    "graded.mojibake": Text("garbled text", "乱码"),
    "graded.extra_column": Text("extra column", "多出一列"),
    "graded.renamed_column": Text("renamed column", "列名被改"),
    "graded.truncated_file": Text("truncated file", "文件截断"),
    "graded.odd_but_right": Text("odd but right", "异常但正确"),
    "graded.right rows not let in, share": Text("share of right rows that were held back", "正确行被误拦的比例"),
    "graded.open days that nothing planted explains": Text(
        "open days that nothing planted explains", "无法以植入异常解释的未结日期"
    ),
    "graded.event days that differ from the truth": Text("days that differ from the truth", "与真相不符的天数"),
    "graded.event days that could be compared, share": Text("share of days that could be compared", "可对照天数的比例"),
    "graded.gmv": Text("orders placed (GMV)", "成交总额"),
    "graded.unpaid": Text("unpaid orders", "未付款订单"),
    "graded.gross_sales": Text("gross sales", "销售总额"),
    "graded.discounts": Text("discounts", "折扣"),
    "graded.returns": Text("returns", "退货"),
    "graded.net_sales": Text("net sales", "净销售额"),
    "graded.shipping_income": Text("shipping", "运费收入"),
    "graded.net_revenue": Text("net revenue", "净收入"),
    "graded.cogs": Text("cost of goods", "商品成本"),
    "graded.cm1": Text("gross margin", "毛利"),
    "graded.shipping_cost": Text("shipping cost", "履约费用"),
    "graded.payment_fees": Text("payment fees", "支付手续费"),
    "graded.cm2": Text("contribution margin", "贡献毛利"),
    "graded.rows missing, doubled or invented": Text("rows missing, doubled or invented", "缺失、重复或虚构的行"),
    "graded.units on hand": Text("units on hand", "在库件数"),
    "graded.value of stock": Text("value of stock", "库存金额"),
    "graded.stock-outs": Text("stock-outs", "缺货"),
    "graded.units moved": Text("units moved", "出入库件数"),
    "graded.SKU-location-days that differ": Text("shelf days that differ from the truth", "与真相不符的货位天数"),
    "graded.SKU-location-days missed or invented": Text("shelf days missed or invented", "漏报或误报的货位天数"),
    "graded.snapshots that never were": Text("stock counts that never were", "不存在的库存盘点"),
    "graded.fulfilment stages that differ": Text("fulfilment stages that differ", "与真相不符的履约环节"),
    "graded.error of the forecast over that of last week's sales": Text(
        "error of the forecast ÷ error of last week's sales", "预测误差 ÷ 沿用上周销量的误差"
    ),
    "graded.bias against true demand, size": Text("bias against true demand, size", "相对真实需求的偏差（绝对值）"),
    "graded.demand of stock-out days, off from the true one by": Text(
        "demand of stock-out days, off from the true one by", "缺货日需求与真实需求的偏离"
    ),
    "graded.days inside the 80 % interval, off by": Text(
        "days inside the 80 % interval, off by", "80% 区间覆盖率的偏离"
    ),
    "graded.series-days without one whole forecast": Text(
        "days of a shelf without one whole forecast", "没有唯一完整预测的货位天数"
    ),
    "graded.buyers who have one segment, share": Text("share of buyers who have one segment", "恰属一个分群的买家比例"),
    "graded.segments and planted types, adjusted Rand index": Text(
        "agreement of segments with true types (1 = the same, 0 = chance)",
        "分群与真实类型的一致性（1 为完全一致，0 为随机）",
    ),
}
