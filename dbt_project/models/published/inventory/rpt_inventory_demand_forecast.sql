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

final as (

    select
        forecasts.as_of_date,
        forecasts.series_kind,
        forecasts.series_id,
        case forecasts.series_kind when 'revenue' then 'Net revenue' else products.description end as series_name,
        forecasts.target_date,
        forecasts.horizon_days,
        forecasts.is_open,
        forecasts.mean,
        forecasts.q10,
        forecasts.q50,
        forecasts.q90,
        naive_forecasts.mean as naive,
        forecasts.method,
        case forecasts.series_kind when 'revenue' then '{{ var("currency") }}' end as amount_currency,
        forecasts.model_version
    from forecasts
    left join naive_forecasts
        on
            forecasts.series_kind = naive_forecasts.series_kind
            and forecasts.series_id = naive_forecasts.series_id
            and forecasts.target_date = naive_forecasts.target_date
    left join products on forecasts.series_kind = 'product' and forecasts.series_id = products.product_id
    where forecasts.is_published

)

select * from final
