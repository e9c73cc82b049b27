{#-
    One row per customer and day on which an order or cancellation states a country for them; the day's last
    document counts.
-#}
{{ config(enabled='online_retail' in var('sources')) }}

with

orders as (

    select * from {{ ref('cnf_online_retail__orders') }}
    where customer_id is not null

),

-- Two countries on one day: the day's last order says where the customer is.
ranked as (

    select
        *,
        row_number() over (
            partition by customer_id, ordered_date
            order by ordered_at desc, order_id desc
        ) as nth_latest
    from orders

),

final as (

    select
        source_system,
        customer_id,
        ordered_date as stated_date,
        country,
        cast(null as string) as city,
        cast(null as timestamp) as registered_at,
        cast(null as string) as gender,
        cast(null as integer) as birth_decade,
        cast(null as string) as acquisition_channel,
        cast(null as boolean) as accepts_marketing,
        cast(null as boolean) as allows_personalisation,
        cast(null as string) as delivery_id,
        contract_version,
        batch_id
    from ranked
    where nth_latest = 1

)

select * from final
