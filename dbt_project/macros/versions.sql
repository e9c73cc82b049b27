{#-
    The versions (SCD2) of an entity out of dated statements about it: a new one begins on the day whose statement
    differs in any of the `attributes` from the one before. `statements`: a relation with `entity_id`, `stated_date` and
    the attributes, at most one row per entity and day. Adds version_no, from 1, and next_stated_date, null for the last.
-#}
{% macro versions_of(statements, entity_id, attributes) -%}
    select
        changes.*,
        row_number() over by_date as version_no,
        lead(stated_date) over by_date as next_stated_date
    from (
        select
            *,
            row_number() over by_date as statement_no,
            {%- for attribute in attributes %}
            lag({{ attribute }}) over by_date as prev_{{ attribute }}
            {%- if not loop.last %},{% endif %}
            {%- endfor %}
        from {{ statements }}
        -- portable: row-order: an entity has one statement a day at most
        window by_date as (partition by {{ entity_id }} order by stated_date nulls last)
    ) as changes
    where
        statement_no = 1
        {%- for attribute in attributes %}
        or {{ attribute }} is distinct from prev_{{ attribute }}
        {%- endfor %}
    -- portable: row-order: an entity has one statement a day at most
    window by_date as (partition by {{ entity_id }} order by stated_date nulls last)
{%- endmacro %}


{#- The last statement of each entity and day. `order_by` ends in a unique key. -#}
{% macro last_of_day(statements, entity_id, order_by) -%}
    select *
    from (
        select
            *,
            -- portable: row-order: the caller's order ends in a unique key
            row_number() over (partition by {{ entity_id }}, stated_date order by {{ order_by }}) as nth_latest
        from {{ statements }}
    ) as ranked
    where nth_latest = 1
{%- endmacro %}
