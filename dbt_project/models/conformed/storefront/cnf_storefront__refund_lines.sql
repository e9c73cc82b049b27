{#- One row per refund of one order line of the storefront. -#}
{{ config(enabled='storefront' in var('sources')) }}

with

refunds as (

    select * from {{ ref('stg_storefront__refunds') }}

),

final as (

    select
        'storefront' as source_system,
        refund_id,
        order_id,
        line_no,
        order_id || '-' || cast(line_no as string) as order_line_id,
        refunded_at,
        event_date as refunded_date,
        product_id,
        quantity,
        refund_amount,
        amount_currency,
        refund_reason,
        is_restocked,
        unit_cost,
        delivery_id,
        contract_version,
        batch_id
    from refunds

)

select * from final
