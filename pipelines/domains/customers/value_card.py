"""The model card of customer value. Does not belong here: its figures, which are measured on every as-of day."""

from __future__ import annotations

from pipelines.modeling.cards import ModelCard, Text

CUSTOMER_VALUE = ModelCard(
    model="customer_value",
    title=Text("Customer value", "客户价值"),
    purpose=Text(
        "How many purchases and what net sales to expect of each known customer over the next 91 days, "
        "with an 80 % interval. For ranking customers and for budgets per group of customers.",
        "预计每位已知客户未来 91 天的购买次数和净销售额，并给出 80% 区间。用于客户排序以及按客户群分配预算。",
    ),
    data=Text(
        "One row per customer and day until the as-of day. A purchase is a day with a sale order. Its worth is net "
        "sales: discounts and returns are taken off, returns on the day they came in. Orders without a customer and "
        "people who never bought are not in it.",
        "到截至日为止的客户日数据，每位客户每天一行。有销售订单的一天算作一次购买；金额为净销售额，已扣除折扣和退货，"
        "退货计入退回当天。不含没有客户编号的订单，也不含从未购买过的人。",
    ),
    method=Text(
        "BG/NBD (Fader, Hardie and Lee 2005) for how often a customer buys and whether she has left, Gamma-Gamma "
        "(Fader and Hardie 2013) for the worth of a purchase, both by maximum likelihood. The interval comes from 500 "
        "draws per customer with a fixed seed.",
        "用 BG/NBD 模型（Fader、Hardie、Lee，2005）估计客户购买频率以及是否已流失，"
        "用 Gamma-Gamma 模型（Fader、Hardie，2013）估计每次购买的金额，均采用最大似然估计。"
        "区间来自每位客户 500 次固定随机种子的模拟。",
    ),
    rivals=Text(
        "The customer's historical rate of repeat purchases, drawn towards the shop's rate by as much as customers "
        "differ (empirical Bayes), times her own mean amount; and zero. All are scored on the "
        "last 91 days, from what was known before. A rival that has both the lower mean absolute and the lower root "
        "mean squared error of purchases is published in the model's place, and so is the historical rate while there "
        "are fewer than 100 customers to score; the column method says which one it is.",
        "对照方法：客户的历史复购频率（按客户间差异大小向全店频率收缩，即经验贝叶斯）乘以其平均金额，以及恒为零的预测。"
        "各方法只用 91 天以前的数据，在最近 91 天上评分。"
        "若对照方法在购买次数上的平均绝对误差和均方根误差都更低，就改为发布该方法；"
        "可评分客户不足 100 位时发布历史频率法。method 列注明所用方法。",
    ),
    calibration=Text(
        "The ends of the interval are set where 10 % of actual amounts lay below and 10 % above in the period before, "
        "and coverage is measured in the period after. One who rarely buys has an interval from 0 to 0 although her "
        "mean is above 0; because of such customers coverage lies above 80 % in a steady season. In a shop with "
        "less than three times 91 days on record there is no period before: the scored ends are the 10 % and 90 % "
        "quantiles of the draws as they are, and only the published ones are set by what happened.",
        "区间两端按上一时期实际金额各有 10% 落在其下方和上方来设定，覆盖率在随后的时期检验。"
        "很少购买的客户，区间可能是 0 到 0，而期望值大于 0；因此在平稳时期覆盖率会高于 80%。"
        "记录不足三个 91 天时没有更早的时期可用：评分所用的区间两端直接取模拟结果的 10% 和 90% 分位数，"
        "只有发布的区间按实际结果设定。",
    ),
    not_for=Text(
        "Not for a total: the models know no season, so a peak is underestimated (and coverage falls below 80 % when "
        "one begins) and the weeks after it are overestimated. Not for customers yet to come, not for telling what a "
        "campaign would change, and not for a promise to a single customer. Where the data show no customers leaving, "
        "the probability of being alive is 1 for nearly all and says nothing.",
        "不适合预测总额：模型不含季节性，旺季会被低估（旺季开始时覆盖率会低于 80%），旺季之后会被高估。"
        "不适用于尚未出现的客户，不能说明营销活动会带来多少改变，也不应据此对单个客户作出承诺。"
        "若数据中看不出客户流失，几乎所有客户的活跃概率都为 1，该指标没有意义。",
    ),
)
