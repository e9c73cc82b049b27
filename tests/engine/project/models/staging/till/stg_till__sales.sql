{{ config(enabled='till' in var('sources')) }}

with

source as (

    select * from {{ source('raw', 'till__sales') }}
    where _is_current

),

final as (

    select
        sale_id as order_id,
        line_no,
        sold_at as lined_at,
        customer_id,
        product_id,
        quantity,
        unit_price,
        _event_date as event_date,
        _batch_id as batch_id
    from source

)

select * from final
