{#-
    The rows of one canonical entity from every source of the shop that has it. The columns are named because a union
    goes by position: all of the entity but the file that a row came in, which only the accounts trace, or just
    `columns`. `var('entities')` tells which sources bring the entity, as the models in conformed/ say, and which columns
    it has, as data_contracts/canonical says.
-#}
{% macro union_sources(entity, columns=none) -%}
    {%- set brought = var('entities').get(entity, {}) -%}
    {%- set columns = columns or brought.get('columns', []) | reject('equalto', 'delivery_id') | list -%}
    {%- for source_name in brought.get('sources', []) %}
    select {{ columns | join(', ') }}
    from {{ ref('cnf_' ~ source_name ~ '__' ~ entity) }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
