{{ config(enabled='marketplace' in var('sources')) }}

with

source as (

    select * from {{ source('raw', 'marketplace__sold_lines') }}
    where _is_current

),

final as (

    select
        -- The marketplace's numbers must not meet those of another source of the shop.
        'MP-' || sale_no as order_id,
        line_no,
        sold_at,
        'MP-' || article as product_id,
        nullif(trim(title), '') as description,
        quantity,
        unit_price,
        country,
        _event_date as event_date,
        _delivery_id as delivery_id,
        _contract_version as contract_version,
        _batch_id as batch_id
    from source

)

select * from final
