{{ config(enabled=has_entities('orders', 'order_lines')) }}

with

orders as (

    select * from {{ ref('fct_orders') }}
    where order_type = 'sale' and customer_id is not null

),

sequenced as (

    select
        *,
        cast(row_number() over by_time as bigint) as order_seq_no,
        lag(ordered_date) over by_time as prev_ordered_date
    from orders
    window by_time as (partition by customer_id order by ordered_at nulls last, order_id)

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
