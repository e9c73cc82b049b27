with

customer_values as (

    {{ newest_statement('ml_customers__customer_values') }}

),

final as (

    select
        as_of_date,
        customer_id,
        horizon_days,
        n_repeat_purchases,
        first_to_last_purchase_days,
        tenure_days,
        probability_alive,
        expected_purchases,
        cast(expected_amount as decimal(18, 4)) as expected_amount,
        cast(lower as decimal(18, 4)) as lower,
        cast(upper as decimal(18, 4)) as upper,
        cast(naive_amount as decimal(18, 4)) as naive_amount,
        method,
        '{{ var("currency") }}' as amount_currency,
        model_version
    from customer_values

)

select * from final
