{#- One row per currency and day, as the storefront knows the rate. -#}
{{ config(enabled='storefront' in var('sources')) }}

with

fx_rates as (

    select * from {{ ref('stg_storefront__fx_rates') }}

),

final as (

    select
        'storefront' as source_system,
        rate_currency,
        event_date as rate_date,
        fx_rate,
        delivery_id,
        contract_version,
        batch_id
    from fx_rates

)

select * from final
