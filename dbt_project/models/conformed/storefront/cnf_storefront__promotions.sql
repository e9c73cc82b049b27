{#- One row per promotion and day on which the storefront states something of it; the day's last statement counts. -#}
{{ config(enabled='storefront' in var('sources')) }}

with

promotions as (

    select
        *,
        event_date as stated_date
    from {{ ref('stg_storefront__promotions') }}

),

last_of_days as (

    {{ last_of_day('promotions', 'promotion_id', 'updated_at desc') }}

),

final as (

    select
        'storefront' as source_system,
        promotion_id,
        stated_date,
        promotion_name,
        promotion_kind,
        discount_rate,
        category_l1,
        start_date,
        end_date,
        delivery_id,
        contract_version,
        batch_id
    from last_of_days

)

select * from final
