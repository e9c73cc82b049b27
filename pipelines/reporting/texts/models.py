"""Words of the sections on what models say: segments, customer value, products, accuracy, model cards.

Does not belong here: the cards themselves (each word's cards.py).
"""

from __future__ import annotations

from pipelines.modeling.cards import Text

MODEL_TEXTS = {
    # Segments
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
    # Customer value
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
    # Products to watch
    "watch.title": Text("Products to watch", "值得关注的商品"),
    "watch.short": Text("Products", "商品"),
    "watch.empty": Text(
        "No product forecast was stated for this version, so no product can be called rising or falling: a product is "
        "forecast once it has four weeks of its own.",
        "此版本没有商品预测，因此无法判断商品的升降：一种商品有了四周的记录后才会有预测。",
    ),
    "watch.lead": Text(
        "Demand of the next 28 days is forecast above what was ordered in the last 28 for {rising} of {n} products, "
        "below it for {falling}; for {clear} of them the whole 80 % interval lies on one side.",
        "在 {n} 种商品中，预计未来 28 天有 {rising} 种的需求高于过去 28 天的下单量，{falling} 种低于；"
        "其中 {clear} 种的 80% 区间完全位于一侧。",
    ),
    "watch.lead_plain": Text(
        "Demand of the next 28 days is forecast above what was ordered in the last 28 for {rising} of {n} products, "
        "below it for {falling}.",
        "在 {n} 种商品中，预计未来 28 天有 {rising} 种的需求高于过去 28 天的下单量，{falling} 种低于。",
    ),
    "watch.rising": Text("Rising most", "上升最多"),
    "watch.falling": Text("Falling most", "下降最多"),
    "watch.none_rising": Text("No product is expected to rise.", "没有预计上升的商品。"),
    "watch.none_falling": Text("No product is expected to fall.", "没有预计下降的商品。"),
    "watch.units_axis": Text("Units in 28 days", "28 天件数"),
    "watch.last": Text("Last 28 days", "过去 28 天"),
    "watch.next": Text("Next 28 days, 80 % interval", "未来 28 天，80% 区间"),
    "watch.next_plain": Text("Next 28 days, expected", "未来 28 天，预期"),
    "watch.product": Text("Product", "商品"),
    "watch.trend": Text("Last 13 weeks", "近 13 周"),
    "watch.trend_label": Text("Units ordered per week, {first} to {last}", "每周下单件数，{first} 至 {last}"),
    "watch.previous_units": Text("28 days before", "再前 28 天"),
    "watch.last_units": Text("Last 28 days", "过去 28 天"),
    "watch.next_units": Text("Next 28 days", "未来 28 天"),
    "watch.interval": Text("80 % interval", "80% 区间"),
    "watch.change": Text("Change", "变化"),
    "watch.search": Text("Find a product", "查找商品"),
    "watch.shown": Text("{shown} of {n} products", "{n} 种商品中的 {shown} 种"),
    "watch.table": Text("All forecast products", "全部有预测的商品"),
    "watch.no_match": Text("No product matches.", "没有匹配的商品。"),
    # Forecast accuracy
    "accuracy.title": Text("What was promised, what came", "预测与实际"),
    "accuracy.short": Text("Accuracy", "预测准确度"),
    "accuracy.empty": Text(
        "No stored forecast has met its day yet: scores begin when the first forecast day has been delivered.",
        "尚无已存预测等到其日期：首个预测日的数据送达后才开始评分。",
    ),
    "accuracy.lead": Text(
        "Days scored so far: {days}, from {first} to {last}.", "目前已评分的天数：{days}，从 {first} 到 {last}。"
    ),
    "accuracy.chart": Text("Revenue: promised one to seven days ahead and actual", "收入：提前一至七天的预测与实际"),
    "accuracy.note": Text(
        "Lower errors are better. A calibrated model has about 10 % of the outcomes below its 10 % quantile and 10 % "
        "above its 90 % quantile.",
        "误差越低越好。校准良好的模型，约有 10% 的结果低于其 10% 分位数，10% 高于其 90% 分位数。",
    ),
    "accuracy.few": Text(
        "The shares below and above the quantiles are shown from {n} scored days on: of fewer they are all or nothing.",
        "低于和高于分位数的比例在评分满 {n} 天后显示：天数太少时，比例不是零就是全部。",
    ),
    "accuracy.subject": Text("Forecast of", "预测对象"),
    "accuracy.method": Text("Method", "方法"),
    "accuracy.n": Text("Scored", "评分数"),
    "accuracy.promised": Text("Promised", "预测"),
    "accuracy.came": Text("Came", "实际"),
    "accuracy.published": Text("published", "已发布"),
    "subject.revenue": Text("daily revenue", "每日收入"),
    "subject.product": Text("units per product and day", "每日每商品件数"),
    "subject.sku_location": Text("units per product, location and day", "每日每商品每仓库件数"),
    "subject.all": Text("all customers", "全部客户"),
    "subject.holdout": Text("held-out period", "留出期"),
    "method.lightgbm": Text("boosted trees (LightGBM)", "提升树（LightGBM）"),
    "method.seasonal_naive": Text("same weekday last week", "上周同一星期几"),
    "method.weekday_quantiles": Text("last 8 same weekdays", "最近 8 个同一星期几"),
    "method.zero": Text("always zero", "恒为零"),
    "method.bg_nbd": Text("BG/NBD and Gamma-Gamma", "BG/NBD 与 Gamma-Gamma"),
    "method.historical_rate": Text("own past rate", "自身历史频率"),
    "method.kmeans": Text("KMeans clusters", "KMeans 聚类"),
    "method.rfm_grid": Text("plain rule on fifths", "按五等分的简单规则"),
    "measure.pinball": Text("pinball loss", "分位数损失"),
    "measure.wape": Text("WAPE", "加权绝对百分比误差"),
    "measure.bias": Text("bias", "偏差"),
    "measure.share_below_q10": Text("below 10 % quantile", "低于 10% 分位数"),
    "measure.share_above_q90": Text("above 90 % quantile", "高于 90% 分位数"),
    "measure.n_scored": Text("scored", "评分数"),
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
    "measure.mae": Text("mean absolute error", "平均绝对误差"),
    "measure.rmse": Text("root mean squared error", "均方根误差"),
    "measure.interval_coverage": Text("inside the 80 % interval", "落入 80% 区间"),
    # Model cards
    "cards.title": Text("The models and their rivals", "模型及其对照"),
    "cards.short": Text("Models", "模型"),
    "cards.empty": Text("No model is described in this version.", "此版本没有模型说明。"),
    "cards.lead": Text(
        "Every model is scored beside simple rivals; its card says when a rival is published in its place.",
        "每个模型都与简单的对照方法一同评分；说明卡写明何时改为发布对照方法。",
    ),
    "cards.no_scores": Text(
        "No score of this model in this version. Scores need days that can be held back: about 12 weeks of history for "
        "the forecast, for customer value 100 customers known 91 days ago.",
        "此版本没有该模型的评分。评分需要留出一段日期：预测约需 12 周历史，客户价值需要 100 名在 91 天前已知的客户。",
    ),
    "cards.not_scored": Text(
        "The history is still too short to compare the model with its rivals; until it is longer a simple method is "
        "published: {method}.",
        "历史太短，尚无法比较模型与对照方法；在此之前发布简单方法：{method}。",
    ),
    "cards.rival_published": Text(
        "A rival is published in the model's place: {method}.", "发布的是取代模型的对照方法：{method}。"
    ),
    "cards.rival_alone": Text(
        "The model cannot be made from so short or small a history; a simple method is published: {method}.",
        "历史太短或太小，尚无法建立模型；发布的是简单方法：{method}。",
    ),
    "cards.model_published": Text("Published: {method}.", "发布的方法：{method}。"),
    "cards.scores": Text("Scores", "评分"),
    "cards.as_of": Text("Scored as of {day}", "评分截至日 {day}"),
}
