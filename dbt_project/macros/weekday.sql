{#- The weekday of a date, 1 for Monday to 7 for Sunday: the engines number `dow` and `dayofweek` each in its own way. -#}
{% macro weekday(date_column) -%}
    {{ days_between("cast(date_trunc('week', " ~ date_column ~ ") as date)", date_column) }} + 1
{%- endmacro %}
