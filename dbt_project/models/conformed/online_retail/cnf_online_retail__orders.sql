{{ config(enabled='online_retail' in var('sources')) }}

with

order_lines as (

    select * from {{ ref('cnf_online_retail__order_lines') }}

),

-- The day is a grouping column although an order has one day only: a filter on it then reaches the raw rows. An order
-- with two days would come out twice and fail its key.
orders as (

    select
        source_system,
        order_id,
        ordered_date,
        amount_currency,
        max(customer_id) as customer_id,
        max(country) as country,
        min(lined_at) as ordered_at,
        count(*) filter (where line_type = 'sale' and item_type = 'product') as n_product_sales,
        count(*) filter (where line_type = 'sale') as n_sales,
        count(*) filter (where line_type = 'bad_debt_adjustment') as n_adjustments,
        count(*) filter (where line_type = 'cancellation') as n_cancellations,
        count(*) filter (where line_type = 'write_off') as n_write_offs,
        count(*) as n_lines,
        max(contract_version) as contract_version,
        max(batch_id) as batch_id
    from order_lines
    group by source_system, order_id, ordered_date, amount_currency

),

final as (

    select
        source_system,
        order_id,
        customer_id,
        case
            when n_product_sales > 0 then 'sale'
            when n_adjustments > 0 then 'adjustment'
            when n_cancellations > 0 then 'cancellation'
            when n_sales > 0 then 'charge'
            when n_write_offs = n_lines then 'write_off'
            else 'zero_price'
        end as order_type,
        country,
        ordered_at,
        ordered_date,
        amount_currency,
        cast(null as string) as original_order_id,
        cast(null as string) as order_status,
        cast(null as timestamp) as paid_at,
        cast(null as string) as city,
        cast(null as string) as sales_channel,
        cast(null as string) as delivery_id,
        contract_version,
        batch_id
    from orders

)

select * from final
