{{ config(enabled='web' in var('sources')) }}

with

source as (

    select * from {{ source('raw', 'web__lines') }}
    where _is_current

),

final as (

    select
        order_id,
        line_no,
        ordered_at as lined_at,
        product_id,
        quantity,
        unit_price,
        _event_date as event_date,
        _batch_id as batch_id
    from source

)

select * from final
