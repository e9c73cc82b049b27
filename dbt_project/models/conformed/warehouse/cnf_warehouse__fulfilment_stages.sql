{#- One row per shipment and stage that it has left, as the warehouse writes it. -#}
{{ config(enabled='warehouse' in var('sources')) }}

with

stage_times as (

    select * from {{ ref('stg_warehouse__stage_times') }}

),

final as (

    select
        'warehouse' as source_system,
        shipment_id,
        stage,
        entered_at,
        event_date as entered_date,
        left_at,
        delivery_id,
        contract_version,
        batch_id
    from stage_times

)

select * from final
