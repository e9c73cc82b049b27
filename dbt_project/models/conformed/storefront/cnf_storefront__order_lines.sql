{#-
    One row per line of an order, per discount on a line, per shipping fee and per refund of the storefront. Goods
    stand at list price.
-#}
{{ config(enabled='storefront' in var('sources')) }}

with

orders as (

    select
        order_id,
        customer_id,
        country,
        amount_currency,
        shipping_amount,
        ordered_at,
        event_date as ordered_date,
        -- As known now: an order that is paid later turns from unpaid into a sale on its own day.
        case when paid_at is null then 'unpaid' else 'sale' end as line_type,
        delivery_id,
        contract_version,
        batch_id
    from {{ ref('stg_storefront__orders') }}

),

-- The gate holds lines and refunds back until their order has come, so that each finds one.
order_lines as (

    select
        lines.order_id || '-' || cast(lines.line_no as string) as order_line_id,
        lines.order_id,
        lines.product_id,
        lines.quantity,
        lines.unit_price,
        lines.discount_amount,
        lines.unit_cost,
        lines.location_id,
        lines.promotion_id,
        lines.ordered_at as lined_at,
        orders.customer_id,
        orders.country,
        orders.amount_currency,
        orders.ordered_date,
        orders.line_type,
        lines.delivery_id,
        greatest(lines.contract_version, orders.contract_version) as contract_version,
        greatest(lines.batch_id, orders.batch_id) as batch_id
    from {{ ref('stg_storefront__order_lines') }} as lines
    inner join orders on lines.order_id = orders.order_id

),

refunds as (

    select
        refunds.refund_id,
        refunds.order_id as original_order_id,
        refunds.product_id,
        refunds.quantity,
        refunds.refund_amount,
        refunds.unit_cost,
        refunds.is_restocked,
        refunds.amount_currency,
        refunds.refunded_at,
        refunds.event_date as refunded_date,
        orders.customer_id,
        orders.country,
        refunds.delivery_id,
        greatest(refunds.contract_version, orders.contract_version) as contract_version,
        greatest(refunds.batch_id, orders.batch_id) as batch_id
    from {{ ref('stg_storefront__refunds') }} as refunds
    inner join orders on refunds.order_id = orders.order_id

),

-- Goods stand at list price; what was taken off, and what shipping brings in, are lines of their own.
lines as (

    select
        order_line_id,
        order_id,
        customer_id,
        product_id,
        line_type,
        'product' as item_type,
        quantity,
        unit_price,
        quantity * unit_price as line_amount,
        amount_currency,
        country,
        lined_at,
        ordered_date,
        cast(null as string) as original_order_id,
        location_id,
        promotion_id,
        unit_cost,
        case when line_type = 'sale' then quantity * unit_cost else 0 end as cost_amount,
        delivery_id,
        contract_version,
        batch_id
    from order_lines
    union all
    select
        order_line_id || '-discount' as order_line_id,
        order_id,
        customer_id,
        product_id,
        line_type,
        'discount' as item_type,
        -1 as quantity,
        discount_amount as unit_price,
        -discount_amount as line_amount,
        amount_currency,
        country,
        lined_at,
        ordered_date,
        cast(null as string) as original_order_id,
        location_id,
        promotion_id,
        cast(null as decimal(18, 4)) as unit_cost,
        0 as cost_amount,
        delivery_id,
        contract_version,
        batch_id
    from order_lines
    where discount_amount != 0
    union all
    select
        order_id || '-shipping' as order_line_id,
        order_id,
        customer_id,
        'SHIPPING' as product_id,
        line_type,
        'postage' as item_type,
        1 as quantity,
        shipping_amount as unit_price,
        shipping_amount as line_amount,
        amount_currency,
        country,
        ordered_at as lined_at,
        ordered_date,
        cast(null as string) as original_order_id,
        cast(null as string) as location_id,
        cast(null as string) as promotion_id,
        cast(null as decimal(18, 4)) as unit_cost,
        0 as cost_amount,
        delivery_id,
        contract_version,
        batch_id
    from orders
    where shipping_amount != 0
    union all
    -- A refund is a document of its own, on its own day: the day of the sale keeps its figures.
    select
        refund_id as order_line_id,
        refund_id as order_id,
        customer_id,
        product_id,
        'cancellation' as line_type,
        'product' as item_type,
        -quantity as quantity,
        {{ double_to_decimal('cast(refund_amount as double) / quantity', 18, 4) }} as unit_price,
        -refund_amount as line_amount,
        amount_currency,
        country,
        refunded_at as lined_at,
        refunded_date as ordered_date,
        original_order_id,
        cast(null as string) as location_id,
        cast(null as string) as promotion_id,
        unit_cost,
        -- Goods that do not go back on the shelf stay a cost.
        case when is_restocked then -quantity * unit_cost else 0 end as cost_amount,
        delivery_id,
        contract_version,
        batch_id
    from refunds

),

final as (

    select
        'storefront' as source_system,
        order_line_id,
        order_id,
        customer_id,
        product_id,
        line_type,
        item_type,
        -- The lines carry no names; the catalogue does.
        cast(null as string) as description,
        cast(quantity as integer) as quantity,
        cast(unit_price as decimal(18, 4)) as unit_price,
        cast(line_amount as decimal(18, 4)) as line_amount,
        amount_currency,
        country,
        lined_at,
        ordered_date,
        original_order_id,
        location_id,
        promotion_id,
        unit_cost,
        cast(cost_amount as decimal(18, 4)) as cost_amount,
        delivery_id,
        contract_version,
        batch_id
    from lines

)

select * from final
