{#- Hours from one moment to a later one, as a double. -#}
{% macro hours_between(from_timestamp, to_timestamp) -%}
    {{ return(adapter.dispatch('hours_between')(from_timestamp, to_timestamp)) }}
{%- endmacro %}


{% macro default__hours_between(from_timestamp, to_timestamp) -%}
    cast(epoch({{ to_timestamp }}) - epoch({{ from_timestamp }}) as double) / 3600
{%- endmacro %}


{% macro spark__hours_between(from_timestamp, to_timestamp) -%}
    cast(unix_timestamp({{ to_timestamp }}) - unix_timestamp({{ from_timestamp }}) as double) / 3600
{%- endmacro %}
