-- What every source of the shop counts of its rows: who adds up over sources reads it here, and a source more changes
-- nothing of theirs.
with

final as (

    {%- for source_name in var('sources') %}
    select
        source_system,
        table_name,
        arrival_date,
        event_date,
        current_rows,
        superseded_rows,
        current_amount,
        superseded_amount
    from {{ ref('stg_' ~ source_name ~ '__row_versions') }}
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

)

select * from final
