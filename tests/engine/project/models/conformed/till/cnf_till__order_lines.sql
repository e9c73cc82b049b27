{{ config(enabled='till' in var('sources')) }}

with

final as (

    select
        'till' as source_system,
        order_id || '/' || line_no as order_line_id,
        order_id,
        customer_id,
        product_id,
        lined_at,
        event_date as ordered_date,
        false as is_cancelled,
        quantity,
        cast(quantity * unit_price as decimal(18, 4)) as line_amount,
        batch_id
    from {{ ref('stg_till__sales') }}

)

select * from final
