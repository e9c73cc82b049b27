{#- A ratio to four places, null where the denominator is 0: a day without orders has no average order value. -#}
{% macro ratio(numerator, denominator) -%}
    cast(cast({{ numerator }} as double) / nullif({{ denominator }}, 0) as decimal(18, 4))
{%- endmacro %}
