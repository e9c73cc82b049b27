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
        {{ double_to_decimal('expected_amount', 18, 4) }} as expected_amount,
        {{ double_to_decimal('lower', 18, 4) }} as lower,
        {{ double_to_decimal('upper', 18, 4) }} as upper,
        {{ double_to_decimal('naive_amount', 18, 4) }} as naive_amount,
        method,
        '{{ var("currency") }}' as amount_currency,
        model_version
    from customer_values

)

select * from final
