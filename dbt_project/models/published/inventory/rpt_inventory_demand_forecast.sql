{{ config(enabled=has_entities('products')) }}

with

forecasts as (

    {{ newest_statement('ml_inventory__demand_forecasts') }}

),

naive_forecasts as (

    select * from forecasts
    where method = 'seasonal_naive'

),

products as (

    select * from {{ ref('dim_products') }}
    where is_current

),

placed as (

    select
        *,
        case
            when series_kind = 'product' then series_id
            when series_kind = 'sku_location' then split_part(series_id, '@', 1)
        end as product_id,
        case when series_kind = 'sku_location' then split_part(series_id, '@', 2) end as location_id
    from forecasts
    where is_published

),

final as (

    select
        placed.as_of_date,
        placed.series_kind,
        placed.series_id,
        placed.product_id,
        placed.location_id,
        case placed.series_kind when 'revenue' then 'Net revenue' else products.description end as series_name,
        placed.target_date,
        placed.horizon_days,
        placed.is_open,
        placed.mean,
        placed.q10,
        placed.q50,
        placed.q90,
        naive_forecasts.mean as naive,
        placed.method,
        case placed.series_kind when 'revenue' then '{{ var("currency") }}' end as amount_currency,
        placed.model_version
    from placed
    left join naive_forecasts
        on
            placed.series_kind = naive_forecasts.series_kind
            and placed.series_id = naive_forecasts.series_id
            and placed.target_date = naive_forecasts.target_date
    left join products on placed.product_id = products.product_id

)

select * from final
