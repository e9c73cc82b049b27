{%- set key = ['source_system', 'table_name', 'arrival_date'] -%}
-- The constants here and in the two comparisons were chosen on the 305 days of the shop that ships with the project:
-- docs/decisions tells why, and how often they are wrong.
with

rows_daily as (

    select * from {{ ref('quality_rows_daily') }}

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

late as (

    select
        *,
        row_number() over (
            partition by source_system, table_name, times_in_time
            order by arrival_date, rule nulls last
        ) as times_late
    from own_checks
    where rule = 'files_late' and is_broken

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

{% if has_entities('order_lines') -%}
fact_gaps as (

    select * from {{ ref('int_quality__lines_traced') }}

),

{% endif -%}
volumes as (

    select * from {{ ref('int_quality__volumes_compared') }}

),

shifted as (

    select * from {{ ref('int_quality__profiles_compared') }}

),

-- One row per check that had something to measure. Names: what the gate measured keeps the name of its rule.
final as (

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
        cast(times_late as double) as measured,
        null as lowest,
        2 as highest,
        times_late > 2 as is_broken
    from late
    union all
    select
        {{ key | join(',\n        ') }},
        check_class,
        rule,
        severity,
        measured,
        lowest,
        highest,
        is_broken
    from {{ ref('int_quality__file_checks') }}
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
        0.3333 as lowest,
        3 as highest,
        volumes.total_ratio not between cast(1 as double) / 3 and 3 as is_broken
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
    {%- if has_entities('order_lines') %}
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
    {%- endif %}

)

select * from final
