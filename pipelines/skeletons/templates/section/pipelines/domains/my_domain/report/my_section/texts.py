"""Words of the section my section, in both languages: write those out that say SKELETON.

Does not belong here: words of other sections.
"""

from __future__ import annotations

from pipelines.modeling.cards import Text

TEXTS = {
    "my_section.title": Text("My section", "SKELETON: My section"),
    "my_section.short": Text("My section", "SKELETON: My section"),
    "my_section.lead": Text("There were {n} in the period.", "本期共 {n} 条。"),
    "my_section.chart": Text("Amount by day and currency", "每日金额（按币种）"),
    "my_section.currency": Text("Currency", "币种"),
    "my_section.amount": Text("Amount", "金额"),
    "my_section.empty": Text("There is nothing yet.", "暂无数据。"),
}
