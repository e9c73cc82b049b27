"""The SQL of the section my section; see pipelines.reporting.readings for the form.

Frames, one row per (key):
- my_section_days (currency, date): age in days, amount
- my_section_totals (period): n, what there was in it

Does not belong here: what is shown of them (section.py).
"""

from __future__ import annotations

from pipelines.reporting.readings import Query

_DAYS = """
    select
        amount_currency as currency,
        my_day as date,
        date_diff('day', my_day, $as_of::date) as age,
        my_amount::double as amount
    from my_published
    where my_day <= $as_of order by currency, date
"""
_TOTALS = """
    select period, coalesce(sum(my_count), 0)::bigint as n
    from {periods}
    left join my_published
        on my_day between first_date and last_date
    group by period order by period
"""
_TABLES = ("my_published",)
QUERIES = {
    "my_section_days": Query(_TABLES, _DAYS, is_extra=True),
    "my_section_totals": Query(_TABLES, _TOTALS, is_extra=True),
}
