{#- The values of a group as a list, ascending, without nulls; an empty list where there are none. -#}
{% macro sorted_list(expression) -%}
    {{ return(adapter.dispatch('sorted_list')(expression)) }}
{%- endmacro %}


{% macro default__sorted_list(expression) -%}
    coalesce(list({{ expression }} order by {{ expression }}) filter (where {{ expression }} is not null), [])
{%- endmacro %}


{% macro spark__sorted_list(expression) -%}
    array_sort(collect_list({{ expression }}))
{%- endmacro %}
