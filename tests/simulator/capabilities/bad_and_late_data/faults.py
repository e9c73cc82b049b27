"""Fates of delivered rows, as they should be and as broken gates would leave them."""

from __future__ import annotations

from tests.simulator.faults import Fault

# Every planted row meets the fate that it deserves; beside them as many ordinary rows as there are true order lines.
SOUND = {
    "row_fates": """
        select
            source as source_system, table_name, arrival_date, file_name, row_number,
            case
                when fate = 'superseded' then if(due_date <= last(), 'superseded', 'current')
                when fate = 'held' then if(due_date <= last(), 'current', 'waiting')
                when fate in ('duplicate', 'quarantined', 'refused') then fate
                else 'current'
            end as fate,
            case
                when fate = 'refused' then [reason || ': as it came']
                when fate = 'quarantined' or fate = 'held' and due_date > last() then [reason]
                else []
            end as reasons
        from dirt where arrival_date <= last()
        union all
        select 'storefront', 'order_lines', last(), 'ordinary.csv', row_number() over (), 'current', [] from order_lines
    """,
}
FAULTS = {
    "lines delivered twice are kept": Fault("update row_fates set fate = 'current' where fate = 'duplicate'"),
    "the first version of a row stands, not the last": Fault(
        "update row_fates set fate = case fate when 'current' then 'superseded' else 'current' end "
        "where fate in ('current', 'superseded')"
    ),
    "what comes after its day is dropped": Fault(
        "delete from row_fates where regexp_matches(file_name, '_[0-9-]+[.]') or fate in ('current', 'superseded')"
    ),
    "no rule is asked": Fault("update row_fates set fate = 'current', reasons = [] where fate = 'quarantined'"),
    "a damaged file is read as far as it goes": Fault("delete from row_fates where fate = 'refused'"),
    "a row whose parent is late is never let in": Fault(
        "update row_fates set fate = 'waiting' where row_number % 2 = 0"
    ),
    "a day is called open for no reason": Fault(open_days=(("storefront.orders", "2025-01-20"),)),
}
