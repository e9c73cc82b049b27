{#-
    Those of the named tables of statements that this shop has, asked of the warehouse when the model is built: a
    statement whose needs the shop lacks has no table. While dbt parses all are named, so that it knows what the model may
    stand on; its `meta.takes_what_is_there` keeps the model where a table is missing.
-#}
{% macro outputs_there(tables) -%}
    {%- set found = [] -%}
    {%- for table in tables -%}
        {%- if not execute or load_relation(source(table.split('_')[0], table)) is not none -%}
            {%- do found.append(table) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}
