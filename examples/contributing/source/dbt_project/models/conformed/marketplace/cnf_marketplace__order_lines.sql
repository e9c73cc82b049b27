{#- One row per line of an order of the marketplace. -#}
{{ config(enabled='marketplace' in var('sources')) }}

with

sold_lines as (

    select * from {{ ref('stg_marketplace__sold_lines') }}

),

-- The marketplace's numbers must not meet those of another source of the shop.
final as (

    select
        'marketplace' as source_system,
        'MP-' || order_id || '-' || cast(line_no as string) as order_line_id,
        'MP-' || order_id as order_id,
        cast(null as string) as customer_id,
        'MP-' || product_id as product_id,
        'sale' as line_type,
        'product' as item_type,
        description,
        quantity,
        unit_price,
        cast(quantity * unit_price as decimal(18, 4)) as line_amount,
        '{{ var("currency") }}' as amount_currency,
        country,
        sold_at as lined_at,
        event_date as ordered_date,
        cast(null as string) as original_order_id,
        cast(null as string) as location_id,
        cast(null as string) as promotion_id,
        cast(null as decimal(18, 4)) as unit_cost,
        cast(null as decimal(18, 4)) as cost_amount,
        delivery_id,
        contract_version,
        batch_id
    from sold_lines

)

select * from final
