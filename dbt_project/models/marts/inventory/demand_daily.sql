{{ config(enabled=has_entities('order_lines')) }}

with

order_lines as (

    select * from {{ ref('fct_order_lines') }}
    where
        line_type = 'sale'
        and item_type = 'product'
        and {{ on_dirty_days('ordered_date') }}

),

final as (

    select
        ordered_date as calendar_date,
        product_id,
        cast(sum(quantity) as bigint) as units_demanded,
        -- Null while any line has no amount: a sum over the rest would be a wrong one.
        case when count(base_amount) = count(*) then cast(sum(base_amount) as decimal(18, 4)) end as gross_sales_amount,
        count(distinct order_id) as n_orders,
        max(base_currency) as amount_currency,
        max(contract_version) as contract_version,
        max(batch_id) as batch_id
    from order_lines
    group by ordered_date, product_id

)

select * from final
