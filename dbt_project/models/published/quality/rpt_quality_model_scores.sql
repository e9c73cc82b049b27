with

{% for table in var('score_tables') -%}
{{ table }} as (

    {{ newest_statement(table) }}

),

{% endfor -%}
scores as (
    {% for table in var('score_tables') %}
    {% set model = table.split('__')[1] | replace('_scores', '') %}
    select
        *,
        '{{ model }}' as model
    from {{ table }}
    {% if not loop.last %}
    union all
    {% endif %}
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
