{{ config(enabled=has_entities('fulfilment_stages')) }}

with

fulfilment_stages as (

    {{ union_sources('fulfilment_stages') }}

),

final as (

    select
        source_system,
        shipment_id,
        stage,
        entered_at,
        entered_date,
        left_at,
        {{ hours_between('entered_at', 'left_at') }} as stage_hours,
        contract_version,
        batch_id
    from fulfilment_stages
    where {{ on_dirty_days('entered_date') }}

)

select * from final
