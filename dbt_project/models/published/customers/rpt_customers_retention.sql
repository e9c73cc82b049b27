{{ config(enabled=has_entities('orders', 'order_lines')) }}

with

customer_retention as (

    select * from {{ ref('customer_retention') }}

),

final as (

    select
        cohort_month,
        age_months,
        cohort_size,
        is_mature,
        is_left_censored,
        n_active,
        n_orders,
        retention_rate
    from customer_retention

)

select * from final
