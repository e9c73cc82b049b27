{{ config(enabled=has_entities('order_lines', 'products')) }}

with

totals as (

    {{ newest_statement('ml_inventory__demand_totals') }}

),

forecasts as (

    select
        as_of_date,
        series_id as product_id,
        method,
        mean as forecast_28,
        lower as forecast_28_lower,
        upper as forecast_28_upper
    from totals
    where series_kind = 'product'

),

demand as (

    select * from {{ ref('demand_daily') }}

),

-- The last 28 days end with the as-of date, the previous 28 end where those begin.
windows as (

    select
        forecasts.product_id,
        cast(coalesce(sum(demand.units_demanded) filter (
            where demand.calendar_date > forecasts.as_of_date - interval '28 days'
        ), 0) as bigint) as units_last_28,
        cast(coalesce(sum(demand.units_demanded) filter (
            where demand.calendar_date <= forecasts.as_of_date - interval '28 days'
        ), 0) as bigint) as units_previous_28
    from forecasts
    left join demand
        on
            forecasts.product_id = demand.product_id
            and forecasts.as_of_date >= demand.calendar_date
            and forecasts.as_of_date - interval '56 days' < demand.calendar_date
    group by forecasts.product_id

),

products as (

    select * from {{ ref('dim_products') }}
    where is_current

),

final as (

    select
        forecasts.as_of_date,
        forecasts.product_id,
        products.description,
        windows.units_last_28,
        windows.units_previous_28,
        forecasts.forecast_28,
        forecasts.forecast_28_lower,
        forecasts.forecast_28_upper,
        forecasts.forecast_28 / nullif(cast(windows.units_last_28 as double), 0) - 1 as change_ratio,
        forecasts.method
    from forecasts
    inner join windows on forecasts.product_id = windows.product_id
    left join products on forecasts.product_id = products.product_id

)

select * from final
