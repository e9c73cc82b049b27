{#- A ratio to four places, null where the denominator is 0: a day without orders has no average order value. -#}
{% macro ratio(numerator, denominator) -%}
    {{ double_to_decimal('cast(' ~ numerator ~ ' as double) / nullif(' ~ denominator ~ ', 0)', 18, 4) }}
{%- endmacro %}
