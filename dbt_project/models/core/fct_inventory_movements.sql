{{ config(enabled=has_entities('inventory_movements')) }}

with

inventory_movements as (

    {{ union_sources('inventory_movements') }}

),

final as (

    select
        source_system,
        movement_id,
        moved_at,
        moved_date,
        product_id,
        location_id,
        movement_type,
        quantity,
        reference_id,
        contract_version,
        batch_id
    from inventory_movements
    where {{ on_dirty_days('moved_date') }}

)

select * from final
