{#- Hours from one moment to a later one, as a double: whole microseconds divided once. -#}
{% macro hours_between(from_timestamp, to_timestamp) -%}
    {{ return(adapter.dispatch('hours_between')(from_timestamp, to_timestamp)) }}
{%- endmacro %}


{% macro default__hours_between(from_timestamp, to_timestamp) -%}
    cast(epoch_us({{ to_timestamp }}) - epoch_us({{ from_timestamp }}) as double) / 3.6e9
{%- endmacro %}


{% macro spark__hours_between(from_timestamp, to_timestamp) -%}
    cast(unix_micros({{ to_timestamp }}) - unix_micros({{ from_timestamp }}) as double) / 3.6e9
{%- endmacro %}
