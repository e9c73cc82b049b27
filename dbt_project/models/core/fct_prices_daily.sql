{{ config(enabled=has_entities('prices')) }}

with

prices as (

    {{ union_sources('prices') }}

),

final as (

    select
        source_system,
        product_id,
        price_date,
        list_price,
        sale_price,
        amount_currency,
        promotion_id,
        sale_price < list_price as is_promoted,
        contract_version,
        batch_id
    from prices
    where {{ on_dirty_days('price_date') }}

)

select * from final
