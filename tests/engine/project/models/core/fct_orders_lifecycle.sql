with

orders as (

    select
        order_id,
        customer_id,
        min(ordered_date) as ordered_date,
        min(lined_at) as ordered_at
    from {{ ref('fct_order_lines') }}
    where not is_cancelled
    group by order_id, customer_id

),

final as (

    select
        order_id,
        customer_id,
        ordered_date,
        cast(row_number() over (partition by customer_id order by ordered_at, order_id) as bigint) as order_seq_no
    from orders

)

select * from final
