{%- set is_sold = "line_type = 'sale' and item_type = 'product'" -%}
{%- set is_returned = "line_type = 'cancellation' and item_type = 'product'" -%}
{#- Every line falls into exactly one part, so the parts add up to the order's total. -#}
{%- set parts = {
    'gross_sales_amount': is_sold,
    'discount_amount': "item_type = 'discount'",
    'returns_amount': is_returned,
    'shipping_amount': "item_type = 'postage'",
    'fee_amount': "item_type = 'fee'",
    'bad_debt_amount': "item_type = 'bad_debt'",
    'other_amount': "item_type in ('manual', 'sample')"
    " or (item_type = 'product' and line_type not in ('sale', 'cancellation'))",
} -%}

with

orders as (

    {{ union_sources('orders', [
        'source_system', 'order_id', 'customer_id', 'order_type', 'country', 'ordered_at', 'ordered_date',
        'amount_currency', 'contract_version', 'batch_id',
    ]) }}

),

order_lines as (

    select * from {{ ref('fct_order_lines') }}
    where {{ on_dirty_days('ordered_date') }}

),

sums as (

    select
        order_id,
        count(*) as n_lines,
        cast(coalesce(sum(quantity) filter (where {{ is_sold }}), 0) as bigint) as units_sold,
        cast(coalesce(-sum(quantity) filter (where {{ is_returned }}), 0) as bigint) as units_returned,
        {%- for part, condition in parts.items() %}
        cast(coalesce(sum(line_amount) filter (where {{ condition }}), 0) as decimal(18, 4)) as {{ part }},
        {%- endfor %}
        cast(sum(line_amount) as decimal(18, 4)) as total_amount
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
        orders.amount_currency,
        orders.contract_version,
        orders.batch_id
    from orders
    inner join sums on orders.order_id = sums.order_id
    where {{ on_dirty_days('orders.ordered_date') }}

)

select * from final
