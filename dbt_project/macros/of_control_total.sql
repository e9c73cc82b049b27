{#-
    Condition on rows of the ledger's accounts (`source_system`, `table_name`): they are of a raw table whose control
    total is money of the canonical entity. `var('control_totals')` tells which tables these are, as `controlEntity` of
    their contracts says; the totals of all others are held against their own rows alone (quality_rows_daily).
-#}
{% macro of_control_total(entity) -%}
    {%- set tables = var('control_totals').get(entity, []) -%}
    {%- if tables -%}
    source_system || '.' || table_name in ('{{ tables | join("', '") }}')
    {%- else -%}
    false
    {%- endif -%}
{%- endmacro %}
