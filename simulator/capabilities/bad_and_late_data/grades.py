"""Grades of bad and late data: did every planted row meet the fate that it deserves, and was a right row held back?

Belongs here: planted fates against seen ones. Does not belong here: planting (simulator.dirt).
"""

from __future__ import annotations

from simulator.dirt.classes import NEVER_LET_IN, classes_of
from simulator.grading.evidence import Evidence
from simulator.grading.grades import Asked, Capability, Grading, Measured
from simulator.systems import all_systems
from simulator.text import Text

NEEDS = ()
BAD_AND_LATE_DATA = Capability("bad and late data", Text("Bad and late data", "脏数据与迟到数据"), 10)
# What is asked of a gate that people rely on: of 200 rows or more, 1 % is a row that no two rules tell alike; of right
# rows a tenth of that, since each one held back is money that a report lacks.
FATE_RIGHT, FALSE_QUARANTINE = 0.99, 0.001
FATE = "fate right: "
NOT_LET_IN, OPEN_DAY_MEASURE = "right rows not let in, share", "open days that nothing planted explains"

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
                where c.source = f.source and c.table_name = f.table_name and c.stands_for = f.stands_for
                    and c.damage is null and c.arrival_date <= $last_day
            )
    )
"""


def _asked() -> list[Asked]:
    """One grade per planted class that can be told, one for right rows that were not let in, one for open days."""
    met = Text("share of planted rows that met the right fate", "植入行得到正确处理的比例")
    return [
        *(
            Asked(f"{FATE}{one.name}", (met, one.text), "at least", FATE_RIGHT, one.fault, is_share=True)
            for one in classes_of(all_systems())
            if one.fault
        ),
        Asked(
            NOT_LET_IN, (Text("share of right rows that were held back", "正确行被误拦的比例"),), "at most",
            FALSE_QUARANTINE, NEVER_LET_IN, is_share=True,
        ),
        Asked(
            OPEN_DAY_MEASURE, (Text(OPEN_DAY_MEASURE, "无法以植入异常解释的未结日期"),), "at most", 0,
            "a day is called open for no reason",
        ),
    ]  # fmt: skip


def _measure(evidence: Evidence) -> Measured:
    con = evidence.con
    con.execute(JUDGED, {"last_day": evidence.last_day})
    found = con.execute(
        """select class, count(*), avg(coalesce(is_right, false)::int), any_value(deserved) from judged
        group by class order by class"""
    ).fetchall()
    rows = dict(con.execute(RIGHT_ROWS).fetchall())
    held = sum(count for fate, count in rows.items() if fate not in ("current", "superseded"))
    days = list(evidence.version.open_days)
    named = {"tables": [name for name, _ in days], "days": [day for _, day in days]}
    unexplained = evidence.number(OPEN_DAYS, last_day=evidence.last_day, **named)
    return Measured(
        {
            **{f"{FATE}{name}": right for name, _, right, deserved in found if deserved != "not detectable"},
            NOT_LET_IN: held / max(sum(rows.values()), 1),
            OPEN_DAY_MEASURE: unexplained,
        },
        printed=(
            *((name, f"{count:,} planted rows" + (", not detectable" if deserved == "not detectable" else ""))
              for name, count, _, deserved in found),
            ("right rows", f"{sum(rows.values()):,}, of them {held:,} not let in"),
            ("open days", f"{len(days):,}, of them {len(days) - unexplained:,.0f} planted"),
        ),
    )  # fmt: skip


GRADING = Grading(BAD_AND_LATE_DATA, _asked, _measure)
