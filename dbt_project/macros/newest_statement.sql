{#- The rows of a table of statements at its newest as-of date. -#}
{% macro newest_statement(table) -%}
    select statements.*
    from {{ source(table.split('_')[0], table) }} as statements
    where statements.as_of_date = (select max(every.as_of_date) from {{ source(table.split('_')[0], table) }} as every)
{%- endmacro %}
