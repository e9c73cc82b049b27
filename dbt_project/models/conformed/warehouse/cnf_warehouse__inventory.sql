{#- One row per product, location and day of the warehouse's stock. -#}
{{ config(enabled='warehouse' in var('sources')) }}

with

inventory_snapshots as (

    select * from {{ ref('stg_warehouse__inventory_snapshots') }}

),

final as (

    select
        'warehouse' as source_system,
        product_id,
        location_id,
        event_date as snapshot_date,
        on_hand as units_on_hand,
        reserved as units_reserved,
        available as units_available,
        on_order as units_on_order,
        in_transit as units_in_transit,
        damaged as units_damaged,
        stockout_minutes,
        unit_cost,
        delivery_id,
        contract_version,
        batch_id
    from inventory_snapshots

)

select * from final
