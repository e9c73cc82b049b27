"""Words around grades.

Does not belong here: what capabilities, measures and rules are called, which comes with the grades in both languages.
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
    "grades.rule": Text("{asked}, to beat: {name} {value}", "{asked}，且不逊于：{name} {value}"),
    "grades.not_measured": Text("not measured", "未能测得"),
    "fates.title": Text("Bad and late rows that met the right fate", "脏数据与迟到数据的正确处理率"),
    "fates.told": Text(
        "{right} of {n} kinds of planted rows are treated as they should be: duplicates counted once, wrong rows held "
        "back, late and corrected ones let in.",
        "共植入 {n} 类异常数据，其中 {right} 类达到要求：重复行只计一次，错误行被隔离，迟到和更正的行被接纳。",
    ),
}
