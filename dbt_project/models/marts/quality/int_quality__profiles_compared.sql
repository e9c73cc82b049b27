-- How far a day's shares of the buckets of a column lie from those of the last 24 accepted days together: the
-- Jensen-Shannon divergence to base 2, 0 for the same shares, 1 where no bucket is shared.
with

profiles as (

    select
        source_system,
        table_name,
        arrival_date,
        column_name,
        bucket,
        row_count
    from {{ ref('stg_ledger__day_profiles') }}

),

profiled_days as (

    select
        source_system,
        table_name,
        column_name,
        arrival_date,
        cast(sum(row_count) as bigint) as day_rows
    from profiles
    group by source_system, table_name, column_name, arrival_date

),

numbered as (

    select
        profiled_days.*,
        coalesce(rows_daily.verdict, '') = 'accepted' as is_accepted,
        count(*) filter (where rows_daily.verdict = 'accepted') over (
            partition by profiled_days.source_system, profiled_days.table_name, profiled_days.column_name
            order by profiled_days.arrival_date rows between unbounded preceding and 1 preceding
        ) as days_before
    from profiled_days
    inner join {{ ref('quality_rows_daily') }} as rows_daily
        on
            profiled_days.source_system = rows_daily.source_system
            and profiled_days.table_name = rows_daily.table_name
            and profiled_days.arrival_date = rows_daily.arrival_date

),

buckets as (

    select distinct
        source_system,
        table_name,
        column_name,
        bucket
    from profiles

),

-- Every bucket on every day: one that the day lacks is a part of the difference.
counted as (

    select
        numbered.*,
        buckets.bucket,
        coalesce(profiles.row_count, 0) as row_count
    from numbered
    inner join buckets
        on
            numbered.source_system = buckets.source_system
            and numbered.table_name = buckets.table_name
            and numbered.column_name = buckets.column_name
    left join profiles
        on
            numbered.source_system = profiles.source_system
            and numbered.table_name = profiles.table_name
            and numbered.column_name = profiles.column_name
            and numbered.arrival_date = profiles.arrival_date
            and buckets.bucket = profiles.bucket

),

-- Only accepted days raise days_before, so the frame holds the last 24 accepted days and what came between counts 0.
compared as (

    select
        *,
        cast(coalesce(sum(case when is_accepted then row_count else 0 end) over (
            partition by source_system, table_name, column_name, bucket
            order by days_before nulls last range between 24 preceding and 1 preceding
        ), 0) as bigint) as base_count
    from counted

),

shares as (

    select
        source_system,
        table_name,
        column_name,
        arrival_date,
        days_before,
        day_rows,
        is_accepted,
        cast(row_count as double) / day_rows as day_share,
        cast(base_count as double) / nullif(cast(sum(base_count) over (
            partition by source_system, table_name, column_name, arrival_date
        ) as bigint), 0) as base_share
    from compared

),

divergences as (

    select
        source_system,
        table_name,
        column_name,
        arrival_date,
        days_before,
        day_rows,
        is_accepted,
        -- portable: sum-of-doubles: a divergence has logarithms to add, and is rounded to four places
        cast(sum(
            case when day_share > 0 then day_share * log2(2 * day_share / (day_share + base_share)) else 0 end
            + case when base_share > 0 then base_share * log2(2 * base_share / (day_share + base_share)) else 0 end
        ) as double) / 2 as divergence
    from shares
    where base_share is not null
    group by source_system, table_name, column_name, arrival_date, days_before, day_rows, is_accepted

),

rounded_divergences as (

    select
        source_system,
        table_name,
        column_name,
        arrival_date,
        days_before,
        day_rows,
        is_accepted,
        {{ rounded('divergence', 4) }} as divergence
    from divergences

),

usual as (

    {{ median_of_days(
        'rounded_divergences', ['source_system', 'table_name', 'column_name'], 'days_before', 24, ['divergence']
    ) }}

),

final as (

    select
        days.source_system,
        days.table_name,
        days.arrival_date,
        days.column_name,
        days.divergence,
        {{ rounded(
            "greatest(
                case when days.column_name like '%:null' then 0.45 else 0.15 end,
                3 * coalesce(usual.median_divergence, 0)
            )", 4
        ) }} as highest
    from rounded_divergences as days
    left join usual
        on
            days.source_system = usual.source_system
            and days.table_name = usual.table_name
            and days.column_name = usual.column_name
            and days.days_before = usual.days_before
    -- Below 30 rows a day's shares are chance.
    where days.days_before >= 12 and days.day_rows >= 30

)

select * from final
