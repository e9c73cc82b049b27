{{ config(enabled=has_entities('orders', 'order_lines')) }}

with

rfm_snapshots as (

    select * from {{ ref('rfm_snapshots') }}

),

final as (

    select
        as_of_date,
        customer_id,
        as_of_date = max(as_of_date) over () as is_latest,
        recency_days,
        frequency,
        monetary_amount,
        recency_score,
        frequency_score,
        monetary_score,
        amount_currency
    from rfm_snapshots

)

select * from final
