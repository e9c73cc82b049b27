{{ config(enabled='warehouse' in var('sources')) }}

-- The one view that reads superseded rows too: elsewhere only current rows count, but the accounts must show the rest.
with

counted as (

    {{ row_versions('warehouse', {
        'locations': none,
        'inventory_snapshots': none,
        'movements': none,
        'shipments': none,
        'stage_times': none,
    }) }}

),

final as (

    select
        source_system,
        table_name,
        arrival_date,
        event_date,
        current_rows,
        superseded_rows,
        current_amount,
        superseded_amount
    from counted

)

select * from final
