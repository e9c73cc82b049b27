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
        {{ weekday('arrival_date') }} as weekday
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

weekday_medians as (

    {{ median_of_days(
        'numbered', ['source_system', 'table_name', 'weekday'], 'weekdays_before', 8,
        ['physical_rows', 'delivered_amount']
    ) }}

),

recent_medians as (

    {{ median_of_days(
        'numbered', ['source_system', 'table_name'], 'days_before', 12, ['physical_rows', 'delivered_amount']
    ) }}

),

medians as (

    select
        numbered.source_system,
        numbered.table_name,
        numbered.arrival_date,
        {%- for measure in ['physical_rows', 'delivered_amount'] %}
        cast(numbered.{{ measure }} as double) as {{ measure }},
        weekday_medians.median_{{ measure }} as weekday_{{ measure }},
        recent_medians.median_{{ measure }} as recent_{{ measure }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from numbered
    left join weekday_medians
        on
            numbered.source_system = weekday_medians.source_system
            and numbered.table_name = weekday_medians.table_name
            and numbered.weekday = weekday_medians.weekday
            and numbered.weekdays_before = weekday_medians.weekdays_before
    left join recent_medians
        on
            numbered.source_system = recent_medians.source_system
            and numbered.table_name = recent_medians.table_name
            and numbered.days_before = recent_medians.days_before
    where numbered.weekdays_before >= 4 and numbered.days_before >= 12

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

),

final as (

    select
        source_system,
        table_name,
        arrival_date,
        {%- for measure, name in [('physical_rows', 'rows_ratio'), ('delivered_amount', 'total_ratio')] %}
        -- The one that is nearer to 1, whichever side of it.
        {%- set nearer %}
            case
                when abs(ln(greatest(weekday_{{ measure }}, 1e-6))) <= abs(ln(greatest(recent_{{ measure }}, 1e-6)))
                    then weekday_{{ measure }}
                else recent_{{ measure }}
            end
        {%- endset %}
        {{ rounded(nearer, 4) }} as {{ name }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from ratios

)

select * from final
