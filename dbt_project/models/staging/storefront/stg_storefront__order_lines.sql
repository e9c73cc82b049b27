{#- Generated from data_contracts/sources by `make contracts`: edit the contract. For logic of its own write here what
     a row is instead: from then on the file is written by hand. -#}
{{ config(enabled='storefront' in var('sources')) }}

with

source as (

    select * from {{ source('raw', 'storefront__order_lines') }}
    where _is_current

),

renamed as (

    select
        order_id,
        line_no,
        ordered_at,
        sku as product_id,
        location_id,
        quantity,
        unit_list_price as unit_price,
        discount_amount,
        unit_cost,
        currency as amount_currency,
        promotion_id,
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
