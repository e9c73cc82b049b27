{#- Generated from data_contracts/sources by `make contracts`: edit the contract. For logic of its own write here what
     a row is instead: from then on the file is written by hand. -#}
{{ config(enabled='storefront' in var('sources')) }}

with

source as (

    select * from {{ source('raw', 'storefront__orders') }}
    where _is_current

),

renamed as (

    select
        order_id,
        updated_at,
        ordered_at,
        status as order_status,
        paid_at,
        customer_id,
        guest_email as guest_email_hash,
        country,
        nullif(trim(city), '') as city,
        sales_channel,
        currency as amount_currency,
        goods_amount,
        discount_amount,
        shipping_fee as shipping_amount,
        total_amount,
        _event_date as event_date,
        _arrival_date as arrival_date,
        _delivery_id as delivery_id,
        _contract_version as contract_version,
        _batch_id as batch_id
    from source

),

final as (

    select * from renamed

)

select * from final
