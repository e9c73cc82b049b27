{{ config(enabled=has_entities('shipments')) }}

with

shipments as (

    {{ union_sources('shipments') }}

),

final as (

    select
        source_system,
        shipment_id,
        order_id,
        location_id,
        carrier,
        shipment_status,
        created_at,
        created_date,
        promised_at,
        handed_over_at,
        delivered_at,
        shipping_cost_amount,
        amount_currency,
        coalesce(delivered_at > promised_at, false) as is_late,
        contract_version,
        batch_id
    from shipments
    where {{ on_dirty_days('created_date') }}

)

select * from final
