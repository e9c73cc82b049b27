with

calendar_days as (

    select * from {{ ref('stg_ledger__calendar_days') }}

),

-- The retail year (4-5-4 calendar) begins on the Sunday nearest to the last day of January, so from 29 January to
-- 4 February: the Sunday on or before 4 February of the same year.
anchored as (

    select
        calendar_date,
        is_open,
        cast(date_trunc('week', calendar_date) as date) as iso_week_start_date,
        cast(date_trunc('month', calendar_date) as date) as month_start_date,
        cast(
            date_trunc('week', make_date(cast(extract(year from calendar_date) as integer), 2, 5))
            - interval '1 day' as date
        ) as this_retail_start_date,
        cast(
            date_trunc('week', make_date(cast(extract(year from calendar_date) as integer) - 1, 2, 5))
            - interval '1 day' as date
        ) as last_retail_start_date
    from calendar_days

),

placed as (

    select
        *,
        {{ days_between('iso_week_start_date', 'calendar_date') }} + 1 as iso_weekday,
        cast(iso_week_start_date + interval '3 days' as date) as iso_thursday,
        case
            when calendar_date >= this_retail_start_date then this_retail_start_date
            else last_retail_start_date
        end as retail_year_start_date
    from anchored

),

numbered as (

    select
        *,
        cast(
            floor(cast({{ days_between('retail_year_start_date', 'calendar_date') }} as double) / 7) as integer
        ) + 1 as retail_week
    from placed

),

final as (

    select
        calendar_date,
        cast(extract(year from iso_thursday) as integer) as iso_year,
        cast(extract(week from calendar_date) as integer) as iso_week,
        iso_week_start_date,
        iso_weekday,
        case iso_weekday
            when 1 then 'Monday'
            when 2 then 'Tuesday'
            when 3 then 'Wednesday'
            when 4 then 'Thursday'
            when 5 then 'Friday'
            when 6 then 'Saturday'
            else 'Sunday'
        end as weekday_name,
        cast(extract(year from calendar_date) as integer) as calendar_year,
        cast(extract(quarter from calendar_date) as integer) as calendar_quarter,
        cast(extract(month from calendar_date) as integer) as calendar_month,
        month_start_date,
        cast(extract(year from retail_year_start_date) as integer) as retail_year,
        retail_week,
        -- Each quarter of 13 weeks has months of 4, 5 and 4; a 53rd week belongs to the twelfth month.
        case
            when retail_week >= 49 then 12
            when mod(retail_week - 1, 13) < 4 then cast(floor(cast(retail_week - 1 as double) / 13) as integer) * 3 + 1
            when mod(retail_week - 1, 13) < 9 then cast(floor(cast(retail_week - 1 as double) / 13) as integer) * 3 + 2
            else cast(floor(cast(retail_week - 1 as double) / 13) as integer) * 3 + 3
        end as retail_month,
        iso_weekday >= 6 as is_weekend,
        is_open
    from numbered

)

select * from final
