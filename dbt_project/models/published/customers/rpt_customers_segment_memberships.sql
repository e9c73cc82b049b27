with

memberships as (

    {{ newest_statement('ml_customers__segment_memberships') }}

),

final as (

    select
        as_of_date,
        customer_id,
        segment,
        undamped_segment,
        method,
        recency_days,
        frequency,
        {{ double_to_decimal('monetary_amount', 18, 4) }} as monetary_amount,
        tenure_days,
        distance,
        margin,
        '{{ var("currency") }}' as amount_currency,
        model_version
    from memberships

)

select * from final
