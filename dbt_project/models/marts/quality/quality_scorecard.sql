{%- set key = ['source_system', 'table_name', 'arrival_date'] -%}
{%- set classes = ['freshness', 'volume', 'schema', 'distribution', 'lineage'] -%}
with

rows_daily as (

    select * from {{ ref('quality_rows_daily') }}

),

checks as (

    select * from {{ ref('int_quality__checks') }}

),

ranked as (

    select
        *,
        row_number() over (
            partition by {{ key | join(', ') }}, check_class
            order by
                is_broken desc,
                severity asc nulls last,
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
        ranked.measured,
        ranked.lowest,
        ranked.highest,
        case
            when ranked.is_broken
                then
                    ranked.rule || ' ' || {{ double_as_text('ranked.measured', 4) }} || ' ['
                    || coalesce({{ double_as_text('ranked.lowest', 4) }}, '') || ', '
                    || coalesce({{ double_as_text('ranked.highest', 4) }}, '') || ']'
        end as finding
    from cells
    left join ranked
        on
            {%- for column in key + ['check_class'] %}
            cells.{{ column }} = ranked.{{ column }}
            and {% endfor %}ranked.place = 1

)

select * from final
