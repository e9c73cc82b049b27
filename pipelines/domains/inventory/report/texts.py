"""Words of the page on inventory, in both languages, and what its methods and subjects are called.

Does not belong here: model cards (cards.py).
"""

from __future__ import annotations

from pipelines.modeling.cards import Text

TEXTS = {
    "stock.title": Text("Stock", "库存"),
    "stock.short": Text("Stock", "库存"),
    "stock.lead": Text(
        "Out of {n} shelves (a product at a location) {out} can sell nothing now, {soon} more will run out within "
        "7 days.",
        "共有 {n} 个货位（一个货位指一种商品在一个仓库）：目前缺货 {out} 个，另有 {soon} 个将在 7 天内售罄。",
    ),
    "stock.value": Text("Value of stock", "库存金额"),
    "stock.stockout_rate": Text("Stock-out rate", "缺货率"),
    "stock.soon": Text("Run out within 7 days", "7 天内将售罄"),
    "stock.out_now": Text("out of stock now: {n}", "目前缺货 {n}"),
    "stock.excess": Text("Beyond a quarter's demand", "超出一季所需的库存"),
    "stock.of_value": Text("{share} of the value of stock", "占库存金额 {share}"),
    "stock.rates_chart": Text("Stock-out rate by location, last 7 days together", "各仓库缺货率（近 7 日合计）"),
    "stock.values_chart": Text("Value of stock by location", "各仓库库存金额"),
    "stock.outs_chart": Text("Out of stock for longest in the period", "本期缺货最久"),
    "stock.never_out": Text("Nothing was out of stock in all the days on record.", "在全部有记录的日期里，从未缺货。"),
    "stock.other_locations": Text("other locations", "其他仓库"),
    "stock.still_out": Text("Out of stock now", "目前仍缺货"),
    "stock.back": Text("In stock again", "已恢复供货"),
    "stock.now": Text("Now", "目前"),
    "stock.days_out": Text("Days out of stock", "缺货天数"),
    "stock.product": Text("Product", "商品"),
    "stock.location": Text("Location", "仓库"),
    "stock.shelf": Text("Product and location", "商品与仓库"),
    "stock.out": Text("Out of stock now, most missed first", "目前缺货（按日均需求排序）"),
    "stock.out.none": Text("Nothing is out of stock.", "目前没有缺货。"),
    "stock.first": Text("What runs out first, within 28 days", "28 天内最先售罄"),
    "stock.first.none": Text("Nothing in stock runs out within 28 days.", "28 天内没有在库商品售罄。"),
    "stock.long": Text("What lies too long, most money first", "积压最多（按金额排序）"),
    "stock.long.none": Text("Nothing lies beyond what a quarter needs.", "没有超出一季所需的库存。"),
    "stock.since": Text("Out since", "缺货起始日"),
    "stock.per_day": Text("Demand a day", "日均需求"),
    "stock.coming": Text("On the way", "在途与在订"),
    "stock.available": Text("Available", "可售库存"),
    "stock.cover": Text("Days of cover", "可售天数"),
    "stock.excess_value": Text("Value beyond a quarter", "超出一季的金额"),
    "stock.no_sales": Text("no sales", "无销售"),
    "stock.basis.forecast": Text(
        "Days of cover are available units over the demand a day that is forecast for the next 28 days. The stock-out "
        "rate is the share of time in which nothing could be sold, over all shelves.",
        "可售天数 = 可售库存 ÷ 未来 28 天的日均预测需求。缺货率为全部货位中无货可售的时间占比。",
    ),
    "stock.basis.sales": Text(
        "Days of cover are available units over what was sold a day in the last 28 days, counting only the time in "
        "which there was stock. The stock-out rate is the share of time in which nothing could be sold, over all "
        "shelves.",
        "可售天数 = 可售库存 ÷ 近 28 天的日均销量（只计有货的时间）。缺货率为全部货位中无货可售的时间占比。",
    ),
    "stock.basis.both": Text(
        "Days of cover are available units over the demand a day that is forecast for the next 28 days; where there is "
        "no forecast, over what was sold a day in the last 28 days while there was stock. The stock-out rate is the "
        "share of time in which nothing could be sold, over all shelves.",
        "可售天数 = 可售库存 ÷ 未来 28 天的日均预测需求；没有预测时，以近 28 天有货期间的日均销量代替。"
        "缺货率为全部货位中无货可售的时间占比。",
    ),
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
    "subject.revenue": Text("daily revenue", "每日收入"),
    "subject.product": Text("units per product and day", "每日每商品件数"),
    "subject.sku_location": Text("units per product, location and day", "每日每商品每仓库件数"),
    "method.lightgbm": Text("boosted trees (LightGBM)", "提升树（LightGBM）"),
    "method.seasonal_naive": Text("same weekday last week", "上周同一星期几"),
    "method.weekday_quantiles": Text("last 8 same weekdays", "最近 8 个同一星期几"),
}
