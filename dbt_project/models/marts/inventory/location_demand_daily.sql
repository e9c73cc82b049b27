{{ config(enabled=has_entities('inventory', 'order_lines')) }}

with

-- Paid or not: what was put into an order was wanted, and is kept from others until it is given back.
ordered as (

    select
        ordered_date as calendar_date,
        product_id,
        location_id,
        cast(sum(quantity) as bigint) as units_demanded
    from {{ ref('fct_order_lines') }}
    where
        line_type in ('sale', 'unpaid')
        and item_type = 'product'
        and location_id is not null
        and {{ on_dirty_days('ordered_date') }}
    group by ordered_date, product_id, location_id

),

stock as (

    select * from {{ ref('fct_inventory_daily') }}
    where {{ on_dirty_days('snapshot_date') }}

),

final as (

    select
        coalesce(stock.snapshot_date, ordered.calendar_date) as calendar_date,
        coalesce(stock.product_id, ordered.product_id) as product_id,
        coalesce(stock.location_id, ordered.location_id) as location_id,
        coalesce(ordered.units_demanded, 0) as units_demanded,
        stock.stockout_minutes,
        1 - cast(stock.stockout_minutes as double) / 1440 as available_share,
        coalesce(stock.stockout_minutes > 0, true) as is_censored
    from stock
    full outer join ordered
        on
            stock.snapshot_date = ordered.calendar_date
            and stock.product_id = ordered.product_id
            and stock.location_id = ordered.location_id

)

select * from final
