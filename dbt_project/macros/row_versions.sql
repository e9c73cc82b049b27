{#-
    The rows of some raw tables of one source by arrival day and event day: what stands and what was superseded, and the
    control totals of both. `tables`: table name -> SQL of the money of a row, as `controlTotal` of the contract (with
    `controlRows`, of the rows that meet it), or none where the contract names no total.
-#}
{% macro row_versions(source_name, tables) -%}
    {%- for table_name, amount in tables.items() %}
    select
        '{{ source_name }}' as source_system,
        '{{ table_name }}' as table_name,
        _arrival_date as arrival_date,
        _event_date as event_date,
        count(*) filter (where _is_current) as current_rows,
        count(*) filter (where not _is_current) as superseded_rows,
        {%- for version, condition in [('current', '_is_current'), ('superseded', 'not _is_current')] %}
        cast(
            {%- if amount %}
            coalesce(sum(cast({{ amount }} as decimal(18, 4))) filter (where {{ condition }}), 0)
            {%- else %}
            0
            {%- endif %} as decimal(38, 4)
        ) as {{ version }}_amount
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from {{ source('raw', source_name ~ '__' ~ table_name) }}
    group by _arrival_date, _event_date
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}
{%- endmacro %}
