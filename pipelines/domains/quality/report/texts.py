"""Words of the page on quality, in both languages, and what general measures are called.

Does not belong here: words of grades (grade_texts.py), the model cards (those of their domains).
"""

from __future__ import annotations

from pipelines.modeling.cards import Text

TEXTS = {
    "colon": Text(": ", "："),
    "state_sentence.complete": Text(
        "Complete: every day that was due is in.",
        "完整：所有应到的日期均已到齐。",
    ),
    "state_sentence.incomplete": Text(
        "Incomplete: open deliveries, listed below: {n}. Figures that cover these days lack what they bring: sales may "
        "be too low, and so may what is taken off them, such as returns and costs.",
        "不完整：有 {n} 项投递尚未处理完，列于下表。涉及这些日期的数字缺少这些数据："
        "销售可能偏低，应扣减的部分（如退货、成本）也可能偏低。",
    ),
    "trust.complete": Text("Complete: every day that was due is in.", "完整：所有应到的日期均已到齐。"),
    "trust.incomplete": Text(
        "Incomplete: open deliveries: {n}. Figures that cover these days lack what they bring: sales may be too low, "
        "and so may what is taken off them, such as returns and costs.",
        "不完整：有 {n} 项投递尚未处理完。涉及这些日期的数字缺少这些数据："
        "销售可能偏低，应扣减的部分（如退货、成本）也可能偏低。",
    ),
    "trust.more": Text("Data quality in detail", "查看数据质量"),
    "statements_are_stale": Text(
        "Forecasts, segments and customer values rest on an older state of the data: an earlier day was loaded again "
        "since. Refresh the newest day to have them made anew.",
        "预测、客户分群和客户价值依据的是较早的数据状态：此后有更早的日期被重新载入。请刷新最新一天以重新生成。",
    ),
    "old_data": Text(
        "Old data: the newest day was already {age} old when this version was published. "
        "Read every figure, and above all the forecasts, as of {day}.",
        "数据较旧：发布此版本时，最新一天的数据已过去 {age}。所有数字（尤其是预测）均应视为截至 {day} 的情况。",
    ),
    "ended_data": Text(
        "The data end on {day}: read every figure, and above all the forecasts, as of then.",
        "数据截至 {day}：所有数字（尤其是预测）均应视为当时的情况。",
    ),
    "fresh_data": Text(
        "Fresh: the newest day was {age} old when this version was published.",
        "数据新鲜：发布此版本时，最新一天的数据距今 {age}。",
    ),
    "age_days": Text("{n} days", "{n} 天"),
    "age_day": Text("1 day", "1 天"),
    "age_years": Text("{n} years", "{n} 年"),
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
    "quality.open_days": Text("Open deliveries", "未结的投递"),
    "verdict.blocked": Text("blocked", "被拦下"),
    "verdict.incomplete": Text("incomplete", "不完整"),
    "verdict.missing": Text("missing", "缺失"),
    "verdict.accepted": Text("accepted", "通过"),
    "scorecard.chart": Text("Checks per arrival day", "每个到达日的检查"),
    "scorecard.clean": Text(
        "All {checks} checks of {days} arrival days passed.", "{days} 个到达日的 {checks} 项检查全部通过。"
    ),
    "scorecard.found": Text(
        "{checks} checks on {days} arrival days. Days with a failed check: {failed}; other days worth a look: "
        "{warned}.",
        "{days} 个到达日共 {checks} 项检查：{failed} 天有不合格，另有 {warned} 天需留意。",
    ),
    "scorecard.none": Text("No arrival day was checked in this period.", "本期没有检查过任何到达日。"),
    "scorecard.note": Text(
        "Freshness: there, and in time. Volume: as much as usual. Schema: the agreed form and rules. Distribution: "
        "values shared out as usual. Lineage: every row followed from its file to the facts. A fail keeps rows or the "
        "day out; a warning compares with other days and changes nothing.",
        "时效：是否按时到达。数量：是否与平时相当。结构：是否符合约定的格式与规则。分布：数值的分布是否如常。"
        "溯源：每一行能否从文件一路追到事实表。不合格会使行或整天不被采用；警告只是与其他日子相比，不改变任何结果。",
    ),
    "scorecard.by_table": Text(
        "A strip per table; a day shows the worst result of its five classes of checks.",
        "每个表一行；每天显示五类检查中最差的结果。",
    ),
    "scorecard.findings": Text("Newest findings", "最近的发现"),
    "scorecard.no_findings": Text(
        "Nothing to look at: every check of every day on record passed.", "无需关注：有记录的每一天，每一项检查都通过。"
    ),
    "scorecard.class": Text("Class", "类别"),
    "scorecard.status": Text("Result", "结果"),
    "scorecard.rule": Text("Check", "检查项"),
    "scorecard.measured": Text("Measured", "实测"),
    "scorecard.range": Text("Expected", "预期范围"),
    "scorecard.more": Text("… and {n} more", "……另有 {n} 项"),
    "check_class.freshness": Text("Freshness", "时效"),
    "check_class.volume": Text("Volume", "数量"),
    "check_class.schema": Text("Schema", "结构"),
    "check_class.distribution": Text("Distribution", "分布"),
    "check_class.lineage": Text("Lineage", "溯源"),
    "check_status.pass": Text("passed", "通过"),
    "check_status.warn": Text("warning", "警告"),
    "check_status.fail": Text("failed", "不合格"),
    "check_status.not checked": Text("not checked", "未检查"),
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
    "measure.pinball": Text("pinball loss", "分位数损失"),
    "measure.wape": Text("WAPE", "加权绝对百分比误差"),
    "measure.bias": Text("bias", "偏差"),
    "measure.share_below_q10": Text("below 10 % quantile", "低于 10% 分位数"),
    "measure.share_above_q90": Text("above 90 % quantile", "高于 90% 分位数"),
    "measure.n_scored": Text("scored", "评分数"),
    "measure.mae": Text("mean absolute error", "平均绝对误差"),
    "measure.rmse": Text("root mean squared error", "均方根误差"),
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
    "cards.scores": Text("Scores", "评分"),
    "cards.as_of": Text("Scored as of {day}", "评分截至日 {day}"),
}
