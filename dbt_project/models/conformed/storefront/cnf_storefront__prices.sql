{#- One row per product and day of the storefront's price list. -#}
{{ config(enabled='storefront' in var('sources')) }}

with

prices as (

    select * from {{ ref('stg_storefront__prices') }}

),

final as (

    select
        'storefront' as source_system,
        product_id,
        event_date as price_date,
        list_price,
        sale_price,
        amount_currency,
        promotion_id,
        delivery_id,
        contract_version,
        batch_id
    from prices

)

select * from final
