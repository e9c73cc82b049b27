{#-
    A double as a decimal of `scale` places, half away from zero: null stays null. One form for both engines. A plain
    cast reads ties otherwise (2,080 of a million): DuckDB multiplies by a power of ten and rounds, Spark rounds the
    shortest text. Multiplied first, what is left to round has no places that one of them could see otherwise: up to
    2^53 a half is a half in both. It is also just what DuckDB's own cast gives. `precision` is at most 37 - `scale`.
-#}
{% macro double_to_decimal(expression, precision, scale) -%}
    cast(
        cast(({{ expression }}) * 1e{{ scale }} as decimal({{ precision }}, 0))
        * 0.{{ '0' * (scale - 1) }}1 as decimal({{ precision }}, {{ scale }})
    )
{%- endmacro %}


{#- A double to `scale` places, as a double: `round` of a double reads ties otherwise too. -#}
{% macro rounded(expression, scale) -%}
    cast({{ double_to_decimal(expression, 30, scale) }} as double)
{%- endmacro %}


{#-
    A double as text of at most `scale` places and at least one: 0.5, 3.0. The engines write large and small doubles
    each in its own way, and decimals alike.
-#}
{% macro double_as_text(expression, scale) -%}
    regexp_replace(cast({{ double_to_decimal(expression, 30, scale) }} as string), '0{1,{{ scale - 1 }}}$', '')
{%- endmacro %}
