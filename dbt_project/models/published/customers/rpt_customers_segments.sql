with

profiles as (

    {{ newest_statement('ml_customers__segment_profiles') }}

),

final as (

    select
        as_of_date,
        segment,
        method,
        n_customers,
        customer_share,
        sales_share,
        mean_recency_days,
        mean_frequency,
        mean_monetary_amount,
        mean_average_order_amount,
        mean_tenure_days,
        mean_gap_days,
        mean_units_per_order,
        mean_products_per_order_day,
        mean_return_share,
        mean_recent_share,
        drivers,
        stability,
        '{{ var("currency") }}' as amount_currency,
        model_version
    from profiles

)

select * from final
