"""Grades of bad and late data: did every planted row meet the fate that it deserves, and was a right row held back?

Belongs here: planted fates against seen ones. Does not belong here: planting (simulator.dirt).
"""

from __future__ import annotations

from collections.abc import Collection

from simulator.grading.evidence import Evidence
from simulator.grading.grades import Grade, Marks, Printed

# What is asked of a gate that people rely on: of 200 rows or more, 1 % is a row that no two rules tell alike; of right
# rows a tenth of that, since each one held back is money that a report lacks.
OPEN_DAY_MEASURE = "open days that nothing planted explains"
FATE_RIGHT, FALSE_QUARANTINE = 0.99, 0.001

# One row per planted row that can be told: was its fate the deserved one? A waiting row must stand once its parent was
# due, and wait until then; a refused file is told by its reason, and its rows must stand once it came corrected.
JUDGED = """
    create or replace temp table judged as
    with refused as (
        select source, table_name, arrival_date, file_name, min(reasons[1]) as reason
        from row_fates where fate = 'refused' group by all
    )
    select
        d.class, d.fate as deserved, f.fate as seen, f.reasons,
        case d.fate
            when 'duplicate' then f.fate = 'duplicate'
            when 'superseded' then f.fate = if(d.due_date <= $last_day, 'superseded', 'current')
            when 'accepted' then f.fate in ('current', 'superseded')
            when 'quarantined' then f.fate = 'quarantined' and list_contains(f.reasons, d.reason)
            when 'held' then case
                when d.due_date <= $last_day then f.fate in ('current', 'superseded')
                else f.fate = 'waiting' and list_contains(f.reasons, d.reason)
            end
            when 'refused' then coalesce(starts_with(r.reason, d.reason || ':'), false)
        end as is_right
    from key.dirt as d
    left join row_fates as f
        on d.source = f.source and d.table_name = f.table_name and d.arrival_date = f.arrival_date
        and d.file_name = f.file_name and d.row_number = f.row_number and f.fate <> 'replaced'
    left join refused as r
        on d.source = r.source and d.table_name = r.table_name and d.arrival_date = r.arrival_date
        and d.file_name = r.file_name
    where d.arrival_date <= $last_day
"""
RIGHT_ROWS = """
    select f.fate, count(*) as n from row_fates as f
    anti join key.dirt as d
        on d.source = f.source and d.table_name = f.table_name and d.arrival_date = f.arrival_date
        and d.file_name = f.file_name and d.row_number = f.row_number
    where f.row_number is not null
    group by f.fate
"""


OPEN_DAYS = """
    select count(*) from (select unnest($tables::varchar[]) as table_name, unnest($days::date[]) as day) as o
    where not exists (
        select 1 from key.files as f
        where f.source || '.' || f.table_name = o.table_name and f.stands_for = o.day
            and (f.arrival_date > $last_day or f.damage is not null)
            and not exists (
                select 1 from key.files as c
                where c.table_name = f.table_name and c.stands_for = f.stands_for and c.damage is null
                    and c.arrival_date <= $last_day
            )
    )
"""


def grade_open_days(evidence: Evidence, open_days: Collection[tuple[str, str]]) -> Marks:
    """Days that the version calls open although every file of theirs has come right."""
    tables, days = [name for name, _ in open_days], [day for _, day in open_days]
    unexplained = evidence.number(OPEN_DAYS, tables=tables, days=days, last_day=evidence.last_day)
    grade = Grade("bad and late data", OPEN_DAY_MEASURE, unexplained, "at most", 0)
    return Marks(
        (grade,),
        (Printed("bad and late data", "open days", f"{len(days):,}, of them {len(days) - unexplained:,.0f} planted"),),
    )


def grade_fates(evidence: Evidence) -> Marks:
    """One grade per planted class, one for right rows that were not let in."""
    con = evidence.con
    con.execute(JUDGED, {"last_day": evidence.last_day})
    found = con.execute(
        """select class, count(*), avg(coalesce(is_right, false)::int), any_value(deserved) from judged
        group by class order by class"""
    ).fetchall()
    grades = [
        Grade("bad and late data", f"fate right: {name}", right, "at least", FATE_RIGHT)
        for name, _, right, deserved in found
        if deserved != "not detectable"
    ]
    printed = [
        Printed("bad and late data", name, f"{count:,} planted rows" + (
            ", not detectable" if deserved == "not detectable" else ""))
        for name, count, _, deserved in found
    ]  # fmt: skip
    rows = dict(con.execute(RIGHT_ROWS).fetchall())
    held = sum(count for fate, count in rows.items() if fate not in ("current", "superseded"))
    share = held / max(sum(rows.values()), 1)
    grades.append(Grade("bad and late data", "right rows not let in, share", share, "at most", FALSE_QUARANTINE))
    printed.append(Printed("bad and late data", "right rows", f"{sum(rows.values()):,}, of them {held:,} not let in"))
    return Marks(tuple(grades), tuple(printed))
