{%- set tables = outputs_there(var('score_tables')) -%}
with

{% for table in tables -%}
{{ table }} as (

    {{ newest_statement(table) }}

),

{% endfor -%}
scores as (
    {% for table in tables %}
    {% set model = table.split('__')[1] | replace('_scores', '') %}
    select
        *,
        '{{ model }}' as model
    from {{ table }}
    {% if not loop.last %}
    union all
    {% endif %}
    {% else %}
    select
        cast(null as date) as as_of_date,
        cast(null as string) as model,
        cast(null as string) as subject,
        cast(null as string) as method,
        cast(null as string) as measure,
        cast(null as double) as value,
        cast(null as boolean) as is_published,
        cast(null as string) as model_version
    where 1 = 0
    {% endfor %}
),

final as (

    select
        as_of_date,
        model,
        subject,
        method,
        measure,
        value,
        is_published,
        model_version
    from scores

)

select * from final
