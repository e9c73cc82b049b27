{#- One row per stock movement of the warehouse. -#}
{{ config(enabled='warehouse' in var('sources')) }}

with

movements as (

    select * from {{ ref('stg_warehouse__movements') }}

),

final as (

    select
        'warehouse' as source_system,
        movement_id,
        moved_at,
        event_date as moved_date,
        product_id,
        location_id,
        movement_type,
        quantity,
        reference_id,
        delivery_id,
        contract_version,
        batch_id
    from movements

)

select * from final
