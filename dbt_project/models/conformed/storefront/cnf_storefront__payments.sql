{#- One row per payment received by the storefront. -#}
{{ config(enabled='storefront' in var('sources')) }}

with

payments as (

    select * from {{ ref('stg_storefront__payments') }}

),

final as (

    select
        'storefront' as source_system,
        payment_id,
        order_id,
        paid_at,
        event_date as paid_date,
        payment_method,
        paid_amount,
        fee_amount as payment_fee_amount,
        amount_currency,
        delivery_id,
        contract_version,
        batch_id
    from payments

)

select * from final
