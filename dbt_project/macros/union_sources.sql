{#-
    The rows of one canonical entity from every source of the shop that has it, `columns` named because a union goes by
    position. Which sources have the entity: `var('entities')[entity]` where given, else all of `var('sources')`.
-#}
{% macro union_sources(entity, columns) -%}
    {%- for source_name in var('entities', {}).get(entity, var('sources')) %}
    select {{ columns | join(', ') }}
    from {{ ref('cnf_' ~ source_name ~ '__' ~ entity) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
