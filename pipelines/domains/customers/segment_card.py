"""The model card of customer segments. Does not belong here: its figures, which are measured on every as-of day."""

from __future__ import annotations

from pipelines.modeling.cards import ModelCard, Text

CUSTOMER_SEGMENTS = ModelCard(
    model="customer_segments",
    title=Text("Customer segments", "客户分群"),
    purpose=Text(
        "Puts every customer with a sale order into one of up to six named groups that differ in how lately, how often "
        "and for how much they buy and how long they have been known. For choosing whom to talk to about what.",
        "把每位有销售订单的客户归入至多六个有名称的群体，依据是最近一次购买时间、购买次数、消费金额和首单至今的时间。"
        "用于决定与哪些客户沟通什么内容。",
    ),
    data=Text(
        "One row per customer and day up to the as-of day; nothing later is read. Money is net sales, cancellations "
        "and returns taken off. Orders that name no customer and customers who only cancelled are left out. Who bought "
        "before the first day on record is taken for a customer since that day.",
        "到截至日为止的客户日数据，每位客户每天一行，不读取之后的数据。金额为净销售额，已扣除取消和退货。"
        "没有客户编号的订单以及只有取消记录的客户不在其中。在数据起始日之前就已购买的客户，按起始日之后的首单计算。",
    ),
    method=Text(
        "KMeans on the logarithms of days since the last order, orders, net sales and days since the first order, "
        "standardised, fitted anew every week from fixed typical customers, so that clusters stay comparable. The "
        "number of clusters (6, 5 or 4) is the largest with a bootstrap agreement of at least 0.85 at the last end of "
        "a quarter. A rule on the centres gives each cluster its name. A customer changes segment when two weeks "
        "running say so, or at once when the customer ordered within the last seven days or the new centre is less "
        "than half as far as the old. Boosted trees tell which features set a segment apart.",
        "对距上次下单天数、订单数、净销售额和距首单天数取对数并标准化后做 KMeans 聚类，"
        "每周从固定的典型客户出发重新拟合，使各周的分群可以比较。"
        "簇数（6、5 或 4）取上一个季度末自助法一致性不低于 0.85 的最大值。名称按簇中心的规则给出。"
        "连续两周结果一致时客户才变换分群；最近七天内下过单，或者到新中心的距离不到原中心的一半时，立即变换。"
        "每个分群的特征由提升树说明。",
    ),
    rivals=Text(
        "The plain rule: fifths of recency against fifths of frequency and money, and a fixed table of 5 x 5 names. It "
        "is scored the same way and published instead when the clusters' bootstrap agreement (adjusted Rand index) "
        "lies below 0.8, when a name would not be true of its centre, or when at the last end of a quarter the shop "
        "had fewer than 50 customers or less than 90 days on record; the column method says which one it is. The rule "
        "often agrees better over resamples, being coarser; its groups lie less apart (silhouette 0.21 to 0.25 against "
        "0.30 to 0.34 on the example shop).",
        "对照方法是简单规则：最近购买五等分，频次和金额五等分，再查固定的 5×5 名称表。它用同样的指标评分。"
        "当聚类的自助法一致性（调整兰德指数）低于 0.8、名称与簇中心不符，"
        "或上一个季度末客户不足 50 位、数据不足 90 天时，改为发布该规则；method 列注明所用方法。"
        "该规则较粗，重抽样一致性往往更高，但各群分得不够开（示例商店轮廓系数为 0.21 至 0.25，聚类为 0.30 至 0.34）。",
    ),
    calibration=Text(
        "Stability is measured, not assumed: 20 bootstrap resamples give the adjusted Rand index of the whole and the "
        "Jaccard index per segment (of the same name). The weekly flip rate is the share of customers whose segment "
        "differs between two statements a week apart, before and after damping, over the last eight weeks. On the "
        "example shop the index lies between 0.92 and 0.94; over 30 weeks 7.2 % change per week (8.0 % undamped, at "
        "most 12 % in one week), and of these 10 % are taken back within four weeks (14 % undamped). Most changes are "
        "real: people order or fall silent.",
        "稳定性经过测量：20 次自助法重抽样给出整体的调整兰德指数和每个同名分群的 Jaccard 指数。"
        "每周换群率是相隔一周的两次结果中分群不同的客户占比，取最近八周，分为抑制前和抑制后。"
        "示例商店的指数在 0.92 至 0.94 之间；30 周内每周有 7.2% 的客户变换分群（未抑制时 8.0%，单周最多 12%），"
        "其中 10% 在四周内变回（未抑制时 14%）。多数变动是真实的：客户下了单，或沉默下来。",
    ),
    not_for=Text(
        "Not a forecast: at risk means silent for longer than most who bought as often, not a probability of leaving "
        "(see customer value). Groups have no gaps between them (silhouette about 0.3): customers near a border could "
        "be in either, and margin says how near. Names compare customers of this shop on this day and say nothing "
        "across shops; the typical customers were measured on one wholesale shop. Never the only "
        "ground for treating one person better or worse.",
        "不是预测：“流失风险”表示沉默时间长于多数购买频率相近的客户，并非流失概率（见客户价值）。"
        "群体之间没有明显空隙（轮廓系数约 0.3），边界附近的客户归入两边都有可能，margin 列给出接近程度。"
        "名称只在本店当日的客户之间比较，不能跨店比较；典型客户取自一家批发商店的测量。不应作为区别对待个人的唯一依据。",
    ),
)
