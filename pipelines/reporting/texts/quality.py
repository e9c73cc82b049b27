"""Words of the scorecard of data quality.

Does not belong here: words of freshness and of rows per outcome (shop.py).
"""

from __future__ import annotations

from pipelines.modeling.cards import Text

QUALITY_TEXTS = {
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
}
