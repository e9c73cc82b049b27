with

order_lines as (

    {{ union_sources('order_lines') }}

),

final as (

    select
        order_line_id,
        order_id,
        source_system,
        customer_id,
        product_id,
        lined_at,
        ordered_date,
        is_cancelled,
        quantity,
        line_amount,
        batch_id
    from order_lines
    where {{ on_dirty_days('ordered_date') }}

)

select * from final
