{#-
    The rows of one canonical entity from every source of the shop that has it, `columns` named because a union goes by
    position. `var('entities')` tells which sources bring the entity; it follows from the models in conformed/.
-#}
{% macro union_sources(entity, columns) -%}
    {%- for source_name in var('entities')[entity] %}
    select {{ columns | join(', ') }}
    from {{ ref('cnf_' ~ source_name ~ '__' ~ entity) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
