{{ config(enabled='web' in var('sources')) }}

with

source as (

    select * from {{ source('raw', 'web__orders') }}
    where _is_current

),

final as (

    select
        order_id,
        updated_at,
        ordered_at,
        customer_id,
        email as email_hash,
        status as order_status,
        _event_date as event_date,
        _batch_id as batch_id
    from source

)

select * from final
