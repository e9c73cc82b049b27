"""Words of the page around the sections: title, filters, freshness, footer.

Does not belong here: words of a section (shop.py, models.py).
"""

from __future__ import annotations

from pipelines.modeling.cards import Text

PAGE_TEXTS = {
    "title": Text("Business report", "经营报告"),
    "document_title": Text("{shop}: business report to {day}", "{shop}：经营报告，数据截至 {day}"),
    "skip": Text("Skip to the report", "跳到正文"),
    "contents": Text("Contents", "目录"),
    "filters": Text("Filters", "筛选"),
    "period": Text("Period", "时间范围"),
    "country": Text("Country", "国家/地区"),
    "country_scope": Text(
        "The country acts on key figures, revenue and bridge; all else is the whole shop.",
        "国家/地区仅作用于关键指标、收入与收入桥；其余为整个店铺。",
    ),
    "all_countries": Text("All countries", "全部国家/地区"),
    "period.d28": Text("28 days", "近 28 天"),
    "period.d91": Text("91 days", "近 91 天"),
    "period.d365": Text("12 months", "近 12 个月"),
    "period.all": Text("All", "全部"),
    "range_compared": Text(
        "{first} to {last}, compared with {before_first} to {before_last}",
        "{first} 至 {last}，对比 {before_first} 至 {before_last}",
    ),
    "range_alone": Text(
        "{first} to {last}; there is no earlier period of this length to compare with",
        "{first} 至 {last}；此前没有等长的时间段可供对比",
    ),
    "no_script": Text(
        "This page draws its charts with JavaScript, which is switched off. The figures are for the period shown.",
        "本页图表由 JavaScript 绘制，当前已被禁用。下列数字对应所示时间范围。",
    ),
    "chart_failed": Text("This chart could not be drawn.", "此图表无法绘制。"),
    "points": Text("{value} pts", "{value} 个百分点"),
    "sentence_separator": Text(" ", ""),
    "comma": Text(", ", "，"),
    "list_separator": Text(", ", "、"),
    "absent": Text(
        "This version does not hold the table {table}: it was made before the table was published.",
        "此版本不含表 {table}：它发布于该表加入之前。",
    ),
    # Freshness
    "data_to": Text("Data to {day}", "数据截至 {day}"),
    "published_at": Text("published {moment} UTC", "发布于 {moment} UTC"),
    "version": Text("version {version}", "版本 {version}"),
    "quality_state.complete": Text("complete", "完整"),
    "quality_state.incomplete": Text("incomplete", "不完整"),
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
    # Footer
    "definitions": Text("Definitions", "口径说明"),
    "about": Text("About this page", "关于本页"),
    "about_page": Text(
        "One file, made from version {version} alone, and from its grades where it was graded: it loads nothing from "
        "the network and looks the same when they are read again.",
        "单个文件，仅由版本 {version}（若已评分，连同其评分）生成：不从网络加载任何内容；重新读取，得到同样的页面。",
    ),
    "digest": Text("Content digest of the version", "版本内容摘要"),
    "rebuild": Text("To build this page again", "重新生成本页"),
    "run": Text("Run", "运行编号"),
    "term": Text("Term", "术语"),
    "formula": Text("Formula", "公式"),
}
