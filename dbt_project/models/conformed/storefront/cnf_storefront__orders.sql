{#-
    One row per order and per refund of the storefront; a refund is a document of its own, on its own day. Money is
    left to core, which adds it up from the lines.
-#}
{{ config(enabled='storefront' in var('sources')) }}

with

orders as (

    select * from {{ ref('stg_storefront__orders') }}

),

order_lines as (

    select * from {{ ref('stg_storefront__order_lines') }}

),

refunds as (

    select
        refunds.refund_id,
        refunds.order_id,
        refunds.amount_currency,
        refunds.refunded_at,
        refunds.event_date as refunded_date,
        refunds.delivery_id,
        orders.customer_id,
        orders.country,
        orders.city,
        orders.sales_channel,
        greatest(refunds.contract_version, orders.contract_version) as contract_version,
        greatest(refunds.batch_id, orders.batch_id) as batch_id
    from {{ ref('stg_storefront__refunds') }} as refunds
    inner join orders on refunds.order_id = orders.order_id

),

final as (

    select
        'storefront' as source_system,
        order_id,
        customer_id,
        case
            when paid_at is null then 'unpaid'
            when order_id in (select order_lines.order_id from order_lines) then 'sale'
            -- Its lines have not come yet: so far it is a shipping fee.
            else 'charge'
        end as order_type,
        country,
        ordered_at,
        event_date as ordered_date,
        amount_currency,
        cast(null as string) as original_order_id,
        order_status,
        paid_at,
        city,
        sales_channel,
        delivery_id,
        contract_version,
        batch_id
    from orders
    union all
    select
        'storefront' as source_system,
        refund_id as order_id,
        customer_id,
        'cancellation' as order_type,
        country,
        refunded_at as ordered_at,
        refunded_date as ordered_date,
        amount_currency,
        order_id as original_order_id,
        cast(null as string) as order_status,
        cast(null as timestamp) as paid_at,
        city,
        sales_channel,
        delivery_id,
        contract_version,
        batch_id
    from refunds

)

select * from final
