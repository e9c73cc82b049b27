-- Rows and money of a day beside the median of the last 8 accepted days of its weekday, and of the last 12 accepted
-- days. It counts as unusual only beside both: the first knows the week, the second follows the season.
with

delivered as (

    select
        source_system,
        table_name,
        arrival_date,
        physical_rows,
        accepted_amount + quarantined_amount + duplicate_amount + blocked_amount as delivered_amount,
        coalesce(verdict, '') = 'accepted' as is_accepted,
        extract(dow from arrival_date) as weekday
    from {{ ref('quality_rows_daily') }}
    where physical_rows > 0

),

numbered as (

    select
        *,
        count(*) filter (where is_accepted) over (
            partition by source_system, table_name
            order by arrival_date rows between unbounded preceding and 1 preceding
        ) as days_before,
        count(*) filter (where is_accepted) over (
            partition by source_system, table_name, weekday
            order by arrival_date rows between unbounded preceding and 1 preceding
        ) as weekdays_before
    from delivered

),

-- Only accepted days raise the numbers that the frames run over, so each frame holds whole accepted days.
medians as (

    select
        source_system,
        table_name,
        arrival_date,
        days_before,
        weekdays_before,
        {%- for measure in ['physical_rows', 'delivered_amount'] %}
        cast({{ measure }} as double) as {{ measure }},
        cast(median(case when is_accepted then {{ measure }} end) over same_weekday as double) as weekday_{{ measure }},
        cast(median(case when is_accepted then {{ measure }} end) over just_before as double) as recent_{{ measure }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from numbered
    window
        same_weekday as (
            partition by source_system, table_name, weekday
            order by weekdays_before range between 8 preceding and 1 preceding
        ),
        just_before as (
            partition by source_system, table_name order by days_before range between 12 preceding and 1 preceding
        )

),

ratios as (

    select
        source_system,
        table_name,
        arrival_date,
        {%- for measure in ['physical_rows', 'delivered_amount'] %}
        case when weekday_{{ measure }} > 0 then {{ measure }} / weekday_{{ measure }} end as weekday_{{ measure }},
        case when recent_{{ measure }} > 0 then {{ measure }} / recent_{{ measure }} end as recent_{{ measure }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from medians
    where weekdays_before >= 4 and days_before >= 12

),

final as (

    select
        source_system,
        table_name,
        arrival_date,
        {%- for measure, name in [('physical_rows', 'rows_ratio'), ('delivered_amount', 'total_ratio')] %}
        -- The one that is nearer to 1, whichever side of it.
        cast(round(
            case
                when abs(ln(greatest(weekday_{{ measure }}, 1e-6))) <= abs(ln(greatest(recent_{{ measure }}, 1e-6)))
                    then weekday_{{ measure }}
                else recent_{{ measure }}
            end, 4
        ) as double) as {{ name }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from ratios

)

select * from final
