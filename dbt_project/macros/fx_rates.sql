{#-
    The exchange rates that the shop's sources bring: the price in the shop's currency of one unit of `rate_currency` on
    `rate_date`. A shop that sells in one currency brings none, and then there are none.
-#}
{% macro fx_rates() -%}
    {%- if 'fx_rates' in var('entities') -%}
        {{ union_sources('fx_rates', ['rate_currency', 'rate_date', 'fx_rate']) }}
    {%- else -%}
    select
        cast(null as string) as rate_currency,
        cast(null as date) as rate_date,
        cast(null as decimal(18, 6)) as fx_rate
    where 1 = 0
    {%- endif -%}
{%- endmacro %}


{#- The rate that a row's amounts are converted with: 1 in the shop's own currency, null where its date has no rate. -#}
{% macro rate_to_base(amount_currency, fx_rate) -%}
    cast(case when {{ amount_currency }} = '{{ var("currency") }}' then 1 else {{ fx_rate }} end as decimal(18, 6))
{%- endmacro %}


{#- An amount in the shop's currency, to four places, half away from zero; null without a rate. -#}
{% macro in_base(amount, fx_rate) -%}
    cast({{ amount }} * {{ fx_rate }} as decimal(18, 4))
{%- endmacro %}
