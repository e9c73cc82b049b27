{{ config(enabled=has_entities('inventory')) }}

with

inventory as (

    {{ union_sources('inventory') }}

),

final as (

    select
        source_system,
        product_id,
        location_id,
        snapshot_date,
        units_on_hand,
        units_reserved,
        units_available,
        units_on_order,
        units_in_transit,
        units_damaged,
        stockout_minutes,
        unit_cost,
        stockout_minutes > 0 as is_stocked_out,
        cast(units_on_hand * unit_cost as decimal(18, 4)) as stock_value_amount,
        '{{ var("currency") }}' as amount_currency,
        contract_version,
        batch_id
    from inventory
    where {{ on_dirty_days('snapshot_date') }}

)

select * from final
