{#- The calendar day, in the shop's time zone, of a UTC timestamp. Exact over clock changes: the engine knows the zone. -#}
{% macro shop_date(utc_timestamp) -%}
    {{ return(adapter.dispatch('shop_date')(utc_timestamp)) }}
{%- endmacro %}


{% macro default__shop_date(utc_timestamp) -%}
    cast(timezone('{{ var("time_zone") }}', timezone('UTC', {{ utc_timestamp }})) as date)
{%- endmacro %}


{% macro spark__shop_date(utc_timestamp) -%}
    cast(from_utc_timestamp({{ utc_timestamp }}, '{{ var("time_zone") }}') as date)
{%- endmacro %}
