{#-
    Replaces dbt's own macro of this name: descriptions are written as comments where the warehouse holds other ones. A
    table whose days are replaced keeps its comments, and dbt would write all of them anew each time: of the statements
    of a day's build every sixth did so.
-#}
{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- set wanted = {} -%}
    {%- if for_relation and config.persist_relation_docs() and model.description -%}
        {%- do wanted.update({'': model.description}) -%}
    {%- endif -%}
    {%- if for_columns and config.persist_column_docs() -%}
        {%- for name, column in model.columns.items() if column.description -%}
            {%- do wanted.update({name: column.description}) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- if wanted -%}
        {%- set statements = [] -%}
        {%- for name, there in run_query(comments_of(relation)).rows if name in wanted and wanted[name] != there -%}
            {%- set place = relation.type ~ ' ' ~ relation if name == '' else
                'column ' ~ relation ~ '.' ~ adapter.quote(name) -%}
            {%- do statements.append('comment on ' ~ place ~ ' is ' ~ duckdb_escape_comment(wanted[name])) -%}
        {%- endfor -%}
        {%- if statements -%}
            {%- do run_query(statements | join('; ')) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}


{#- name, comment of a relation ('' is its own name) and of its columns. -#}
{% macro comments_of(relation) -%}
    select '' as name, comment from duckdb_{{ relation.type }}s()
    where database_name = current_database()
        and schema_name = '{{ relation.schema }}' and {{ relation.type }}_name = '{{ relation.identifier }}'
    union all
    select column_name, comment from duckdb_columns()
    where database_name = current_database()
        and schema_name = '{{ relation.schema }}' and table_name = '{{ relation.identifier }}'
{%- endmacro %}
