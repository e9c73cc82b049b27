{{ config(enabled=has_entities('orders', 'order_lines')) }}

with

orders as (

    select * from {{ ref('fct_orders') }}
    where order_type = 'sale' and customer_id is not null

),

sequenced as (

    select
        *,
        cast(row_number() over (partition by customer_id order by ordered_at, order_id) as bigint) as order_seq_no,
        lag(ordered_date) over (partition by customer_id order by ordered_at, order_id) as prev_ordered_date
    from orders

),

final as (

    select
        order_id,
        source_system,
        customer_id,
        ordered_at,
        ordered_date,
        order_seq_no,
        order_seq_no = 1 as is_first,
        {{ days_between('prev_ordered_date', 'ordered_date') }} as days_since_prev,
        contract_version,
        batch_id
    from sequenced

)

select * from final
