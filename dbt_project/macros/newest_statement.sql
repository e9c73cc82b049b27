{#-
    The rows of a table of statements at the newest as-of date for which it was stated: the ledger knows it also when
    nothing was to be said, and an older day's rows must not stand in for that.
-#}
{% macro newest_statement(table) -%}
    select statements.*
    from {{ source(table.split('_')[0], table) }} as statements
    where
        statements.as_of_date = (
            select max(stated_tables.as_of_date)
            from {{ source('ledger', 'stated_tables') }} as stated_tables
            where stated_tables.table_name = '{{ table }}'
        )
{%- endmacro %}
