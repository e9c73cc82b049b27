{{ config(enabled=has_entities('orders', 'order_lines')) }}

with

orders as (

    select
        *,
        order_type = 'sale' as is_sale
    from {{ ref('fct_orders') }}
    -- An order without a rate of its day has no amounts yet: it joins its customer's days when the rate comes.
    where
        customer_id is not null
        and net_sales_amount is not null
        and {{ on_dirty_days('ordered_date') }}

),

order_lines as (

    select * from {{ ref('fct_order_lines') }}
    where
        customer_id is not null
        and line_type = 'sale'
        and item_type = 'product'
        and {{ on_dirty_days('ordered_date') }}

),

days as (

    select
        customer_id,
        ordered_date,
        amount_currency,
        count(*) filter (where is_sale) as n_orders,
        count(*) filter (where order_type = 'cancellation') as n_cancellations,
        {%- for units in ['units_sold', 'units_returned'] %}
        cast(sum({{ units }}) as bigint) as {{ units }},
        {%- endfor %}
        {%- for part in ['gross_sales', 'returns', 'net_sales'] %}
        cast(sum({{ part }}_amount) as decimal(18, 4)) as {{ part }}_amount,
        {%- endfor %}
        max(contract_version) as contract_version,
        max(batch_id) as batch_id
    from orders
    group by customer_id, ordered_date, amount_currency

),

products as (

    select
        customer_id,
        ordered_date,
        count(distinct product_id) as n_products
    from order_lines
    group by customer_id, ordered_date

),

final as (

    select
        days.customer_id,
        days.ordered_date,
        days.n_orders,
        days.n_cancellations,
        days.units_sold,
        days.units_returned,
        coalesce(products.n_products, 0) as n_products,
        days.gross_sales_amount,
        days.returns_amount,
        days.net_sales_amount,
        days.amount_currency,
        days.contract_version,
        days.batch_id
    from days
    left join products
        on
            days.customer_id = products.customer_id
            and days.ordered_date = products.ordered_date

)

select * from final
