"""The model card of the demand forecast. Does not belong here: its figures, which are measured on every as-of day."""

from __future__ import annotations

from pipelines.modeling.cards import ModelCard, Text

DEMAND_FORECAST = ModelCard(
    model="demand_forecast",
    title=Text("Demand forecast", "需求预测"),
    purpose=Text(
        "Units of each of the best-selling products and the shop's net revenue on each of the next 28 days, with an "
        "80 % interval; where the shop's stock is known, what is wanted and not what is sold, and at each location "
        "too. For ordering, staffing and for noticing what departs from expectation.",
        "预测畅销商品未来 28 天每天的销量和店铺净收入，并给出 80% 区间；"
        "已知库存时，预测的是需求而非销量，并细到每个商品在每个仓库。"
        "用于订货、排班，以及发现偏离预期的情况。",
    ),
    data=Text(
        "Daily demand until the as-of day and the shop's calendar. Demand is units ordered, cancellations not "
        "taken off; revenue is net revenue. An open day without a sale is zero demand; closed days and days whose data "
        "are missing, blocked or incomplete are left out. Where the stock is known, the share of each day in which the "
        "product was in stock is read too: sales of a day out of stock are less than what was wanted.",
        "到截至日为止的每日需求以及店铺日历。需求为下单数量，不扣除取消；收入为净收入。"
        "没有销售的营业日需求为零；休息日以及数据缺失、被拦下或不完整的日期不计入。"
        "已知库存时，还读取每天有货时间的比例：缺货当天的销量低于需求。",
    ),
    method=Text(
        "Levels, weekdays and the spread of each series' own last weeks make a structural forecast. LightGBM, trained "
        "on all series together for all horizons, corrects it: one model for the mean, one per quantile. The models "
        "are stored as text with a checksum. A day out of stock for a part is filled in before that: what was sold, "
        "plus what the rate of the series and of that day lets expect of the rest; a day out of stock throughout is "
        "left out.",
        "先用每个序列近期的水平、星期规律和离散程度构成结构性预测，再由 LightGBM 修正：所有序列和预测步长一起训练，"
        "均值一个模型，每个分位数一个模型。模型以文本及校验和保存。"
        "部分时间缺货的日期先行补全：已售数量加上按该序列和当天的速率推算的其余需求；全天缺货的日期不计入。",
    ),
    rivals=Text(
        "The seasonal naive (the same weekday last observed), the quantiles of the last 8 same weekdays, and zero. All "
        "are stored. The one with the least pinball loss over the forecasts made 28 and 14 days before, which had seen "
        "nothing of these days, is published; the column method names it. On the shipped shop the products' loss lies "
        "9 % below that of the weekday quantiles, not the 10 % aimed at: what is missing is the level of the weeks to "
        "come.",
        "对照方法：季节朴素法（最近一次同一星期几的数值）、最近 8 个同一星期几的经验分位数，以及恒为零。"
        "各方法的预测都会保存；以 28 天前和 14 天前所做预测的分位数损失（pinball）最小者发布"
        "（当时均未见过这些天），由 method 列注明。"
        "在随附的店铺上，商品的损失比星期分位数低 9%，未达到 10% 的目标：缺少的是未来几周的水平信息。",
    ),
    calibration=Text(
        "Quantiles are moved by split-conformal offsets taken on the last 28 days, from which no model has learnt. "
        "When a day comes, every stored forecast for it is scored: see the shares below q10 and above q90, 10 % each "
        "when all is well. Products that sell on few days have a q10 of zero, below which nothing can fall. "
        "Days out of stock are not scored.",
        "分位数用共形方法校准：修正量取自最近 28 天，模型没有用这些天训练。"
        "每到一天，就对所有已保存的当日预测评分：理想情况下，低于 q10 和高于 q90 的比例各为 10%。"
        "不常销售的商品 q10 为零，实际值不会更低。缺货的日期不参与评分。",
    ),
    not_for=Text(
        "Not for a season that the data have not yet seen once: in the growth before Christmas the mean comes out too "
        "low, and intervals of the revenue too narrow. Not where no stock is known (a "
        "product out of stock shows what was sold, not what was wanted), for new products (under "
        "28 days they get the naive), single large orders, or what a price change would do.",
        "不适用于数据中从未出现过的季节：圣诞前的增长期，均值会偏低，收入的区间会偏窄。"
        "库存未知时，不能反映缺货造成的损失（缺货商品只显示已售出的数量）；"
        "不满 28 天的新商品只用朴素法；"
        "不能预测单笔大额订单，也不能说明调价的影响。",
    ),
)
