{#-
    The raw table of a source whose current rows are the lines of fct_order_lines, one for one: `meta.rows_of` of the
    source's conformed order lines. A source that names none is not counted against the facts.
-#}
{% macro table_of_lines(source_name) -%}
    {%- if execute -%}
        {%- set node = graph.nodes['model.almanac.cnf_' ~ source_name ~ '__order_lines'] -%}
        {{- (node.config.meta or {}).get('rows_of', '') -}}
    {%- endif -%}
{%- endmacro %}
