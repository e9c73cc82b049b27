"""Words of the frame: title, pages, filters, footer, and what pages of several domains say alike.

Does not belong here: words of a page (report/texts.py of its domain). `{name}` is filled in by whoever says the text.
"""

from __future__ import annotations

from pipelines.modeling.cards import Text

FRAME_TEXTS = {
    "title": Text("Business report", "经营报告"),
    "document_title": Text("{shop}: business report to {day}", "{shop}：经营报告，数据截至 {day}"),
    "skip": Text("Skip to the report", "跳到正文"),
    "pages": Text("Pages", "页面"),
    "all_pages": Text("All pages", "全部页面"),
    "contents": Text("On this page: {page}", "本页内容：{page}"),
    "language": Text("Language", "语言"),
    "filters": Text("Filters", "筛选"),
    "period": Text("Period", "时间范围"),
    "country": Text("Country", "国家/地区"),
    "country_scope": Text(
        "The country acts on these sections alone, all else is the whole shop: {sections}.",
        "国家/地区仅作用于以下部分，其余为整个店铺：{sections}。",
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
        "This report draws its charts with JavaScript, which is switched off: all pages stand below one another, and "
        "the figures are for the period shown.",
        "本报告的图表由 JavaScript 绘制，当前已被禁用：各页依次排列，数字对应所示时间范围。",
    ),
    "chart_failed": Text("This chart could not be drawn.", "此图表无法绘制。"),
    "points": Text("{value} pts", "{value} 个百分点"),
    "sentence_separator": Text(" ", ""),
    "comma": Text(", ", "，"),
    "list_separator": Text(", ", "、"),
    "absent": Text(
        "This version does not hold the table {table}: the shop lacks what it rests on, or the version is older than "
        "the table.",
        "此版本不含表 {table}：店铺没有它所依据的数据，或该版本早于此表。",
    ),
    "data_to": Text("Data to {day}", "数据截至 {day}"),
    "published_at": Text("published {moment} UTC", "发布于 {moment} UTC"),
    "version": Text("version {version}", "版本 {version}"),
    "quality_state.complete": Text("complete", "完整"),
    "quality_state.incomplete": Text("incomplete", "不完整"),
    "definitions": Text("Definitions", "口径说明"),
    "definitions_of": Text("Definitions: {page}", "口径说明：{page}"),
    "about": Text("About this report", "关于本报告"),
    "about_page": Text(
        "One file, made from version {version} alone, and from its grades where it was graded: it loads nothing from "
        "the network and looks the same when they are read again.",
        "单个文件，仅由版本 {version}（若已评分，连同其评分）生成：不从网络加载任何内容；重新读取，得到同样的报告。",
    ),
    "digest": Text("Content digest of the version", "版本内容摘要"),
    "rebuild": Text("To build this report again", "重新生成本报告"),
    "run": Text("Run", "运行编号"),
    "term": Text("Term", "术语"),
    "formula": Text("Formula", "公式"),
    "open_days.told": Text(
        "Not complete: {days}. What the missing files would have told counts as zero until they come.",
        "数据不完整：{days}。缺失文件中的内容在送达之前按零计。",
    ),
    "open_days.day": Text("{day} ({what})", "{day}（{what}）"),
    "open_days.tables": Text("{n} tables", "{n} 张表"),
    "open_days.more": Text("and {n} more", "另有 {n} 天"),
    "method.zero": Text("always zero", "恒为零"),
    "tile.before": Text("before: {value}", "上期 {value}"),
    "tile.no_before": Text("no earlier period", "无上期"),
    "rivals.not_scored": Text(
        "The history is still too short to compare the model with its rivals; until it is longer a simple method is "
        "published: {method}.",
        "历史太短，尚无法比较模型与对照方法；在此之前发布简单方法：{method}。",
    ),
    "rivals.model_published": Text("Published: {method}.", "发布的方法：{method}。"),
    "rivals.rival_published": Text(
        "A rival is published in the model's place: {method}.", "发布的是取代模型的对照方法：{method}。"
    ),
    "rivals.rival_alone": Text(
        "The model cannot be made from so short or small a history; a simple method is published: {method}.",
        "历史太短或太小，尚无法建立模型；发布的是简单方法：{method}。",
    ),
    "day": Text("Day", "日期"),
    "more": Text("… and {n} more", "……另有 {n} 项"),
}
