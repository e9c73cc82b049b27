{#- One row per shipment of the warehouse, as it stands. -#}
{{ config(enabled='warehouse' in var('sources')) }}

with

shipments as (

    select * from {{ ref('stg_warehouse__shipments') }}

),

final as (

    select
        'warehouse' as source_system,
        shipment_id,
        order_id,
        location_id,
        carrier,
        shipment_status,
        created_at,
        event_date as created_date,
        promised_at,
        handed_over_at,
        delivered_at,
        shipping_cost_amount,
        '{{ var("currency") }}' as amount_currency,
        delivery_id,
        contract_version,
        batch_id
    from shipments

)

select * from final
