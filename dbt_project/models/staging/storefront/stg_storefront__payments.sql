{#- Generated from data_contracts/sources by `make contracts`: edit the contract. For logic of its own write here what
     a row is instead: from then on the file is written by hand. -#}
{{ config(enabled='storefront' in var('sources')) }}

with

source as (

    select * from {{ source('raw', 'storefront__payments') }}
    where _is_current

),

renamed as (

    select
        payment_id,
        order_id,
        paid_at,
        method as payment_method,
        amount as paid_amount,
        fee_amount,
        currency as amount_currency,
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
