{%- set is_sold = "line_type = 'sale' and item_type = 'product'" -%}
{%- set is_returned = "line_type = 'cancellation' and item_type = 'product'" -%}
{%- set is_booked = "line_type != 'unpaid'" -%}
{#- Every line falls into exactly one part, so the parts add up to the order's total. -#}
{%- set parts = {
    'gross_sales_amount': is_sold,
    'discount_amount': "item_type = 'discount' and " ~ is_booked,
    'returns_amount': is_returned,
    'shipping_amount': "item_type = 'postage' and " ~ is_booked,
    'fee_amount': "item_type = 'fee' and " ~ is_booked,
    'bad_debt_amount': "item_type = 'bad_debt' and " ~ is_booked,
    'other_amount': "item_type in ('manual', 'sample') and " ~ is_booked
    ~ " or (item_type = 'product' and line_type not in ('sale', 'cancellation', 'unpaid'))",
    'unpaid_amount': "line_type = 'unpaid' and item_type = 'product'",
    'unpaid_terms_amount': "line_type = 'unpaid' and item_type != 'product'",
} -%}

{{ config(enabled=has_entities('orders', 'order_lines')) }}

with

orders as (

    {{ union_sources('orders') }}

),

order_lines as (

    select * from {{ ref('fct_order_lines') }}
    where {{ on_dirty_days('ordered_date') }}

),

-- Lines without a rate of their day have no amount in the shop's currency, and then the order has none either: a sum
-- over the rest would be a wrong one.
sums as (

    select
        order_id,
        count(*) as n_lines,
        count(base_amount) = count(*) as has_rate,
        max(fx_rate) as fx_rate,
        max(fx_rate_date) as fx_rate_date,
        cast(coalesce(sum(quantity) filter (where {{ is_sold }}), 0) as bigint) as units_sold,
        cast(coalesce(-sum(quantity) filter (where {{ is_returned }}), 0) as bigint) as units_returned,
        {%- for part, condition in parts.items() %}
        case
            when count(base_amount) = count(*)
                then cast(coalesce(sum(base_amount) filter (where {{ condition }}), 0) as decimal(18, 4))
        end as {{ part }},
        {%- endfor %}
        case when count(base_amount) = count(*) then cast(sum(base_amount) as decimal(18, 4)) end as total_amount,
        cast(sum(base_cost_amount) as decimal(18, 4)) as cost_amount
    from order_lines
    group by order_id

),

final as (

    select
        orders.order_id,
        orders.source_system,
        orders.customer_id,
        orders.order_type,
        orders.country,
        orders.ordered_at,
        orders.ordered_date,
        sums.n_lines,
        sums.units_sold,
        sums.units_returned,
        sums.gross_sales_amount,
        sums.discount_amount,
        sums.returns_amount,
        cast(
            sums.gross_sales_amount + sums.discount_amount + sums.returns_amount as decimal(18, 4)
        ) as net_sales_amount,
        sums.shipping_amount,
        sums.other_amount,
        cast(
            sums.gross_sales_amount + sums.discount_amount + sums.returns_amount
            + sums.shipping_amount + sums.other_amount as decimal(18, 4)
        ) as net_revenue_amount,
        sums.fee_amount,
        sums.bad_debt_amount,
        sums.total_amount,
        '{{ var("currency") }}' as amount_currency,
        sums.unpaid_amount,
        sums.unpaid_terms_amount,
        sums.cost_amount,
        orders.original_order_id,
        orders.order_status,
        orders.paid_at,
        orders.city,
        orders.sales_channel,
        orders.amount_currency as order_currency,
        sums.has_rate,
        sums.fx_rate,
        sums.fx_rate_date,
        orders.contract_version,
        orders.batch_id
    from orders
    inner join sums on orders.order_id = sums.order_id
    where {{ on_dirty_days('orders.ordered_date') }}

)

select * from final
