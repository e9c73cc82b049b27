{#-
    The items of a list column, to be cross joined: `cross join {{ items_of('reasons', 'rule') }}` gives a row per item
    in the column `rule`, and none for an empty list. `unnest` in a select list is DuckDB's alone.
-#}
{% macro items_of(list_column, item) -%}
    {{ return(adapter.dispatch('items_of')(list_column, item)) }}
{%- endmacro %}


{% macro default__items_of(list_column, item) -%}
    unnest({{ list_column }}) as items_of_list ({{ item }})
{%- endmacro %}


{% macro spark__items_of(list_column, item) -%}
    lateral explode({{ list_column }}) as items_of_list ({{ item }})
{%- endmacro %}
