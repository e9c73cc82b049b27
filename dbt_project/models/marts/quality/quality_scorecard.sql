{%- set key = ['source_system', 'table_name', 'arrival_date'] -%}
{%- set classes = ['freshness', 'volume', 'schema', 'distribution', 'lineage'] -%}
-- The constants here and in the two comparisons were chosen on the 305 days of the shop that ships with the project:
-- docs/decisions tells why, and how often they are wrong.
with

rows_daily as (

    select * from {{ ref('quality_rows_daily') }}

),

files as (

    select
        source_system,
        table_name,
        stands_for_date,
        count(*) filter (where arrival_date = stands_for_date) as n_own_files,
        min(arrival_date) filter (where arrival_date > stands_for_date and state = 'accepted') as came_later
    from {{ ref('stg_ledger__deliveries') }}
    group by source_system, table_name, stands_for_date

),

refusals as (

    select
        source_system,
        table_name,
        arrival_date,
        min(split_part(reason, ':', 1)) as refusal_code
    from {{ ref('stg_ledger__deliveries') }}
    where state = 'refused'
    group by source_system, table_name, arrival_date

),

own_checks as (

    select
        *,
        count(*) filter (where not is_broken and rule = 'files_late') over (
            partition by source_system, table_name, rule order by arrival_date
        ) as times_in_time
    from {{ ref('stg_ledger__day_checks') }}
    where measured is not null

),

set_aside as (

    select
        source_system,
        table_name,
        arrival_date,
        count(*) as n_broken_rows
    from {{ ref('stg_quality__quarantined_rows') }}
    group by source_system, table_name, arrival_date

),

lines as (

    {{ union_sources('order_lines', ['source_system', 'delivery_id', 'ordered_date']) }}

),

-- The lines that stand in the raw tables and come from a delivery that was accepted.
traced as (

    select
        lines.source_system,
        deliveries.table_name,
        deliveries.arrival_date,
        lines.ordered_date as event_date,
        count(*) as n_rows
    from lines
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries on lines.delivery_id = deliveries.delivery_id
    where deliveries.state = 'accepted'
    group by lines.source_system, deliveries.table_name, deliveries.arrival_date, lines.ordered_date

),

fact_rows as (

    select
        source_system,
        ordered_date as event_date,
        count(*) as n_rows
    from {{ ref('fct_order_lines') }}
    group by source_system, ordered_date

),

traced_days as (

    select
        source_system,
        event_date,
        sum(n_rows) as n_rows
    from traced
    group by source_system, event_date

),

-- Event days on which the facts hold more or fewer lines than can be traced.
strayed as (

    select
        coalesce(traced_days.source_system, fact_rows.source_system) as source_system,
        coalesce(traced_days.event_date, fact_rows.event_date) as event_date,
        coalesce(fact_rows.n_rows, 0) - coalesce(traced_days.n_rows, 0) as gap
    from traced_days
    full outer join fact_rows
        on traced_days.source_system = fact_rows.source_system and traced_days.event_date = fact_rows.event_date
    where coalesce(fact_rows.n_rows, 0) != coalesce(traced_days.n_rows, 0)

),

-- An arrival day answers for the event days that it brought rows of, and for its own: facts may stand there of no row.
answered as (

    select
        source_system,
        table_name,
        arrival_date,
        event_date
    from traced
    union distinct
    select
        source_system,
        table_name,
        arrival_date,
        arrival_date as event_date
    from rows_daily
    where table_name in (select traced.table_name from traced)

),

fact_gaps as (

    select
        answered.source_system,
        answered.table_name,
        answered.arrival_date,
        coalesce(sum(abs(strayed.gap)), 0) as gap
    from answered
    left join strayed
        on answered.source_system = strayed.source_system and answered.event_date = strayed.event_date
    group by answered.source_system, answered.table_name, answered.arrival_date

),

volumes as (

    select * from {{ ref('int_quality__volumes_compared') }}

),

shifted as (

    select * from {{ ref('int_quality__profiles_compared') }}

),

-- One row per check that had something to measure. Names: what the gate measured keeps the name of its rule.
checks as (

    select
        {{ key | join(',\n        ') }},
        check_class,
        rule,
        severity,
        measured,
        lowest,
        highest,
        is_broken
    from own_checks
    union all
    -- Late once is a file, late three times running another timetable than the agreed one.
    select
        {{ key | join(',\n        ') }},
        'freshness' as check_class,
        'drift:latency' as rule,
        'warning' as severity,
        cast(row_number() over (partition by source_system, table_name, times_in_time order by arrival_date) as double)
            as measured,
        null as lowest,
        2 as highest,
        row_number() over (partition by source_system, table_name, times_in_time order by arrival_date) > 2 as is_broken
    from own_checks
    where rule = 'files_late' and is_broken
    union all
    select
        rows_daily.source_system,
        rows_daily.table_name,
        rows_daily.arrival_date,
        'freshness' as check_class,
        case
            when files.came_later is not null and rows_daily.n_files = 0 then 'file_delivered_later'
            else 'file_present'
        end as rule,
        case when rows_daily.verdict = 'accepted' then 'warning' else 'error' end as severity,
        case
            when files.came_later is not null and rows_daily.n_files = 0
                then {{ days_between('rows_daily.arrival_date', 'files.came_later') }}
            when rows_daily.verdict is null then rows_daily.n_files
            else coalesce(files.n_own_files, 0)
        end as measured,
        case when files.came_later is not null and rows_daily.n_files = 0 then null else 1 end as lowest,
        case when files.came_later is not null and rows_daily.n_files = 0 then 0 end as highest,
        coalesce(files.n_own_files, 0) = 0 and rows_daily.verdict is not null as is_broken
    from rows_daily
    left join files
        on
            rows_daily.source_system = files.source_system
            and rows_daily.table_name = files.table_name
            and rows_daily.arrival_date = files.stands_for_date
    union all
    select
        rows_daily.source_system,
        rows_daily.table_name,
        rows_daily.arrival_date,
        'schema' as check_class,
        concat_ws(':', 'files_refused', refusals.refusal_code) as rule,
        'error' as severity,
        rows_daily.n_refused_files as measured,
        null as lowest,
        0 as highest,
        rows_daily.n_refused_files > 0 and coalesce(rows_daily.verdict, '') != 'accepted' as is_broken
    from rows_daily
    left join refusals
        on
            rows_daily.source_system = refusals.source_system
            and rows_daily.table_name = refusals.table_name
            and rows_daily.arrival_date = refusals.arrival_date
    where rows_daily.n_files > 0
    union all
    select
        {{ key | join(',\n        ') }},
        'volume' as check_class,
        'rows_to_usual' as rule,
        'warning' as severity,
        rows_ratio as measured,
        0.5 as lowest,
        2 as highest,
        rows_ratio not between 0.5 and 2 as is_broken
    from volumes
    where rows_ratio is not null
    union all
    -- A total is no measure of how much came when many rows cannot be read, or when prices are of another kind: schema
    -- and distribution say so then.
    select
        volumes.source_system,
        volumes.table_name,
        volumes.arrival_date,
        'volume' as check_class,
        'total_to_usual' as rule,
        'warning' as severity,
        volumes.total_ratio as measured,
        round(1.0 / 3, 4) as lowest,
        3 as highest,
        volumes.total_ratio not between 1.0 / 3 and 3 as is_broken
    from volumes
    inner join rows_daily
        on
            volumes.source_system = rows_daily.source_system
            and volumes.table_name = rows_daily.table_name
            and volumes.arrival_date = rows_daily.arrival_date
    left join set_aside
        on
            volumes.source_system = set_aside.source_system
            and volumes.table_name = set_aside.table_name
            and volumes.arrival_date = set_aside.arrival_date
    where
        volumes.total_ratio is not null
        and coalesce(set_aside.n_broken_rows, 0) <= 0.05 * rows_daily.physical_rows
        and not exists (
            select 1
            from own_checks
            where
                volumes.source_system = own_checks.source_system
                and volumes.table_name = own_checks.table_name
                and volumes.arrival_date = own_checks.arrival_date
                and own_checks.check_class = 'distribution'
                and own_checks.is_broken
        )
        and not exists (
            select 1
            from shifted
            where
                volumes.source_system = shifted.source_system
                and volumes.table_name = shifted.table_name
                and volumes.arrival_date = shifted.arrival_date
                and shifted.divergence > shifted.highest
        )
    union all
    select
        {{ key | join(',\n        ') }},
        'distribution' as check_class,
        'shift:' || column_name as rule,
        'warning' as severity,
        divergence as measured,
        null as lowest,
        highest,
        divergence > highest as is_broken
    from shifted
    {%- for rule, gap in [('rows_accounted', 'accounting_gap'), ('rows_loaded', 'version_gap')] %}
    union all
    select
        {{ key | join(',\n        ') }},
        'lineage' as check_class,
        '{{ rule }}' as rule,
        'error' as severity,
        {{ gap }} as measured,
        0 as lowest,
        0 as highest,
        {{ gap }} != 0 as is_broken
    from rows_daily
    where physical_rows > 0 or {{ gap }} != 0
    {%- endfor %}
    union all
    select
        fact_gaps.source_system,
        fact_gaps.table_name,
        fact_gaps.arrival_date,
        'lineage' as check_class,
        'rows_in_facts' as rule,
        'error' as severity,
        fact_gaps.gap as measured,
        0 as lowest,
        0 as highest,
        fact_gaps.gap != 0 as is_broken
    from fact_gaps
    inner join rows_daily
        on
            fact_gaps.source_system = rows_daily.source_system
            and fact_gaps.table_name = rows_daily.table_name
            and fact_gaps.arrival_date = rows_daily.arrival_date
    where rows_daily.physical_rows > 0 or fact_gaps.gap != 0

),

ranked as (

    select
        *,
        row_number() over (
            partition by {{ key | join(', ') }}, check_class
            order by
                is_broken desc,
                severity asc,
                -- What lies furthest outside: as a multiple of the bound where there is one to divide by.
                greatest(coalesce(measured / nullif(highest, 0), 0), coalesce(lowest / nullif(measured, 0), 0)) desc,
                rule asc
        ) as place,
        count(*) over (partition by {{ key | join(', ') }}, check_class) as n_checks,
        count(*) filter (where is_broken) over (partition by {{ key | join(', ') }}, check_class) as n_failed
    from checks

),

classes as (

    {%- for name in classes %}
    select '{{ name }}' as check_class
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

cells as (

    select
        {%- for column in key %}
        rows_daily.{{ column }},
        {%- endfor %}
        classes.check_class
    from rows_daily
    cross join classes

),

final as (

    select
        {%- for column in key + ['check_class'] %}
        cells.{{ column }},
        {%- endfor %}
        case
            when ranked.place is null then 'not checked'
            when not ranked.is_broken then 'pass'
            when ranked.severity = 'error' then 'fail'
            else 'warn'
        end as status,
        coalesce(ranked.n_checks, 0) as n_checks,
        coalesce(ranked.n_failed, 0) as n_failed,
        ranked.rule as worst_rule,
        cast(ranked.measured as double) as measured,
        cast(ranked.lowest as double) as lowest,
        cast(ranked.highest as double) as highest,
        case
            when ranked.is_broken
                then
                    ranked.rule || ' ' || cast(round(ranked.measured, 4) as string) || ' ['
                    || coalesce(cast(round(ranked.lowest, 4) as string), '') || ', '
                    || coalesce(cast(round(ranked.highest, 4) as string), '') || ']'
        end as finding
    from cells
    left join ranked
        on
            {%- for column in key + ['check_class'] %}
            cells.{{ column }} = ranked.{{ column }}
            and {% endfor %}ranked.place = 1

)

select * from final
