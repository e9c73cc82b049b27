{{ config(enabled=has_entities('inventory')) }}

with

inventory as (

    select * from {{ ref('fct_inventory_daily') }}

),

final as (

    select
        snapshot_date as calendar_date,
        location_id,
        count(*) as n_products,
        count(*) filter (where is_stocked_out) as n_products_stocked_out,
        {%- for units in ['on_hand', 'reserved', 'available', 'on_order', 'in_transit', 'damaged'] %}
        cast(sum(units_{{ units }}) as bigint) as units_{{ units }},
        {%- endfor %}
        cast(sum(stockout_minutes) as bigint) as stockout_minutes,
        {{ ratio('sum(stockout_minutes)', '(1440 * count(*))') }} as stockout_rate,
        cast(sum(stock_value_amount) as decimal(18, 4)) as stock_value_amount,
        amount_currency
    from inventory
    group by snapshot_date, location_id, amount_currency

)

select * from final
