{{ config(enabled=has_entities('orders', 'order_lines')) }}

with

revenue_bridge as (

    select * from {{ ref('revenue_bridge') }}

),

final as (

    select
        calendar_date,
        part_no,
        part,
        leads_to,
        amount,
        amount_currency
    from revenue_bridge

)

select * from final
