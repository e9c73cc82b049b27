{#- One row per order of the marketplace. -#}
{{ config(enabled='marketplace' in var('sources')) }}

with

order_lines as (

    select * from {{ ref('cnf_marketplace__order_lines') }}

),

final as (

    select
        source_system,
        order_id,
        cast(null as string) as customer_id,
        'sale' as order_type,
        max(country) as country,
        min(lined_at) as ordered_at,
        ordered_date,
        amount_currency,
        cast(null as string) as original_order_id,
        cast(null as string) as order_status,
        cast(null as timestamp) as paid_at,
        cast(null as string) as city,
        cast(null as string) as sales_channel,
        cast(null as string) as delivery_id,
        max(contract_version) as contract_version,
        max(batch_id) as batch_id
    from order_lines
    group by source_system, order_id, ordered_date, amount_currency

)

select * from final
