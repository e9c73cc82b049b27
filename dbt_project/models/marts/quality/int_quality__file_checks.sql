-- What can be said of an arrival day's files without their rows: did they come, and could they be read?
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

checks as (

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

),

final as (

    select
        source_system,
        table_name,
        arrival_date,
        check_class,
        rule,
        severity,
        cast(measured as double) as measured,
        cast(lowest as double) as lowest,
        cast(highest as double) as highest,
        is_broken
    from checks

)

select * from final
