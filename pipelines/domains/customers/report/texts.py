"""Words of the page on customers, in both languages, and what its models, subjects and measures are called.

Does not belong here: model cards (value_card.py, segment_card.py).
"""

from __future__ import annotations

from pipelines.modeling.cards import Text

TEXTS = {
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
    "segments.title": Text("Customer segments", "客户分群"),
    "segments.short": Text("Segments", "分群"),
    "segments.empty": Text(
        "No segments were stated for this version: the model abstains while it has too few customers.",
        "此版本没有分群：客户太少时模型不作判断。",
    ),
    "segments.lead": Text(
        "{segment} are {customers} of the customers and {sales} of their net sales.",
        "{segment}占客户的 {customers}，占其净销售额的 {sales}。",
    ),
    "segments.too_early": Text(
        "Too little history to tell the {customers} customers apart: {days} days are on record, and before {needed} "
        "nobody can be called loyal or lost.",
        "历史太短，无法区分这 {customers} 名客户：目前只有 {days} 天的记录，不足 {needed} 天时，说不上谁忠诚、谁流失。",
    ),
    "segments.young": Text(
        "With {days} days on record the groups come from a plain rule and compare young customers with each other: "
        "read them with care.",
        "目前只有 {days} 天的记录，分群按简单规则得出，比较的是彼此都很新的客户，请谨慎解读。",
    ),
    "segments.flip": Text("{rate} of customers change their segment in a week.", "每周有 {rate} 的客户变换分群。"),
    "segments.stability": Text(
        "On resampled customers the segments agree with an index of {value} (1 = the same, 0 = chance).",
        "在重抽样的客户上，分群一致性指数为 {value}（1 为完全一致，0 为随机）。",
    ),
    "segments.note": Text(
        "Share of customers beside share of net sales, by segment.", "各分群的客户占比与净销售额占比。"
    ),
    "segments.customers": Text("Share of customers", "客户占比"),
    "segments.sales": Text("Share of net sales", "净销售额占比"),
    "segments.segment": Text("Segment", "分群"),
    "segments.n": Text("Customers", "客户数"),
    "segments.drivers": Text("Who they are, and what sets them apart", "是谁，有何特征"),
    "segments.recency": Text("Days since last order", "距上次下单天数"),
    "segments.frequency": Text("Orders", "订单数"),
    "segments.monetary": Text("Net sales each", "人均净销售额"),
    "segment.champions": Text("Champions", "核心客户"),
    "segment.loyal": Text("Loyal", "忠诚客户"),
    "segment.new": Text("New", "新客户"),
    "segment.at_risk": Text("At risk", "流失风险客户"),
    "segment.slipping": Text("Slipping away", "渐冷客户"),
    "segment.hibernating": Text("Hibernating", "沉睡客户"),
    "segment.promising": Text("Promising", "潜力客户"),
    "segment.big_spenders": Text("Big spenders", "高消费客户"),
    "segment.": Text("none", "无"),
    "meaning.champions": Text("Order most often, spend most, bought lately.", "下单最频繁、消费最高、近期有购买。"),
    "meaning.loyal": Text("Order again and again, bought lately.", "反复购买，近期有购买。"),
    "meaning.new": Text("First order not long ago, few orders so far.", "首单不久，订单尚少。"),
    "meaning.at_risk": Text(
        "Used to order repeatedly, silent for longer than most.", "曾多次购买，沉默时间长于多数客户。"
    ),
    "meaning.slipping": Text("One or two small orders, a while ago.", "只有一两笔小额订单，已有一段时间未购买。"),
    "meaning.hibernating": Text("Few orders, silent for longest.", "订单很少，沉默时间最长。"),
    "feature.recency_days": Text("days since the last order", "距上次下单天数"),
    "feature.frequency": Text("number of orders", "订单数"),
    "feature.monetary_amount": Text("net sales", "净销售额"),
    "feature.average_order_amount": Text("average order", "平均订单金额"),
    "feature.tenure_days": Text("days since the first order", "距首单天数"),
    "feature.gap_days": Text("days between orders", "下单间隔"),
    "feature.units_per_order": Text("units per order", "单均件数"),
    "feature.products_per_order_day": Text("different products per order", "每次购买的商品种数"),
    "feature.return_share": Text("share returned", "退货占比"),
    "feature.recent_share": Text("share of the last 90 days", "近 90 天占比"),
    "level.high": Text("{feature}: high", "{feature}：高"),
    "level.low": Text("{feature}: low", "{feature}：低"),
    "value.title": Text("What customers are expected to bring", "客户价值"),
    "value.short": Text("Customer value", "客户价值"),
    "value.empty": Text(
        "No customer value was stated for this version: the model abstains while it has too few repeat orders.",
        "此版本没有客户价值：复购订单太少时模型不作判断。",
    ),
    "value.lead": Text(
        "Of what {customers} known customers are expected to buy in the next {days} days the top tenth brings {share}.",
        "未来 {days} 天，在 {customers} 名已知客户的预期购买中，前 10% 的客户占 {share}。",
    ),
    "value.lead_few": Text(
        "The {customers} known customers are expected to buy for {amount} in the next {days} days.",
        "预计 {customers} 名已知客户在未来 {days} 天的购买金额为 {amount}。",
    ),
    "value.alive_lead": Text("About {alive} of them are still customers.", "约有 {alive} 名仍是客户。"),
    "value.no_alive": Text(
        "The method that is published says nothing on who is still a customer.",
        "当前发布的方法无法判断客户是否已流失。",
    ),
    "value.deciles": Text("Expected amount per customer, by tenth", "各十分位人均预期金额"),
    "value.decile_axis": Text("Tenth of customers, the best first", "客户十分位（由高到低）"),
    "value.amount_axis": Text("Mean expected amount", "人均预期金额"),
    "value.expected": Text("Expected amount", "预期金额"),
    "value.naive": Text("Rival: own past rate", "对照：自身历史频率"),
    "value.interval": Text("80 % interval", "80% 区间"),
    "value.alive": Text("How many are still customers?", "有多少仍是客户？"),
    "value.alive_axis": Text("Probability of still being a customer", "仍是客户的概率"),
    "value.customers_axis": Text("Customers", "客户数"),
    "value.top": Text("The ten with the highest expected amount", "预期金额最高的十位客户"),
    "value.customer": Text("Customer", "客户"),
    "value.purchases": Text("Expected purchases", "预期购买次数"),
    "value.probability": Text("Still a customer", "活跃概率"),
    "value.note": Text(
        "The interval is that of one customer, averaged over the tenth: one varies far more than the average of many.",
        "区间为单个客户的区间在该十分位内的平均：个体差异远大于平均值。",
    ),
    "subject.all": Text("all customers", "全部客户"),
    "subject.holdout": Text("held-out period", "留出期"),
    "method.bg_nbd": Text("BG/NBD and Gamma-Gamma", "BG/NBD 与 Gamma-Gamma"),
    "method.historical_rate": Text("own past rate", "自身历史频率"),
    "method.kmeans": Text("KMeans clusters", "KMeans 聚类"),
    "method.rfm_grid": Text("plain rule on fifths", "按五等分的简单规则"),
    "measure.n_segments": Text("segments", "分群数"),
    "measure.bootstrap_ari_lowest": Text("the lowest of these agreements", "其中最低的指数"),
    "measure.silhouette": Text("silhouette", "轮廓系数"),
    "measure.description_accuracy": Text("told right by the describing trees", "描述树判别正确率"),
    "measure.amount_mae": Text("mean absolute error of the amount", "金额的平均绝对误差"),
    "measure.amount_bias": Text("bias of the amount", "金额的偏差"),
    "measure.share_below_lower": Text("below the 80 % interval", "低于 80% 区间"),
    "measure.share_above_upper": Text("above the 80 % interval", "高于 80% 区间"),
    "measure.bootstrap_ari": Text("agreement on resampled customers (ARI)", "自助法调整兰德指数（ARI）"),
    "measure.weekly_flip_rate": Text("weekly change of segment", "每周换群率"),
    "measure.weekly_flip_rate_undamped": Text("weekly change of segment, undamped", "每周换群率（未抑制）"),
    "measure.interval_coverage": Text("inside the 80 % interval", "落入 80% 区间"),
}
