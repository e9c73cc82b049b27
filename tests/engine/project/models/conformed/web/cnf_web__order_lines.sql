{{ config(enabled='web' in var('sources')) }}

with

lines as (

    select * from {{ ref('stg_web__lines') }}

),

orders as (

    select * from {{ ref('stg_web__orders') }}

),

final as (

    select
        'web' as source_system,
        lines.order_id || '/' || lines.line_no as order_line_id,
        lines.order_id,
        orders.customer_id,
        lines.product_id,
        lines.lined_at,
        lines.event_date as ordered_date,
        orders.order_status = 'cancelled' as is_cancelled,
        lines.quantity,
        cast(lines.quantity * lines.unit_price as decimal(18, 4)) as line_amount,
        greatest(lines.batch_id, orders.batch_id) as batch_id
    from lines
    inner join orders on lines.order_id = orders.order_id

)

select * from final
