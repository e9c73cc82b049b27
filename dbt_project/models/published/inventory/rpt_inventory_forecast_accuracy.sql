with

accuracy as (

    select * from {{ source('ml', 'ml_inventory__forecast_accuracy') }}

),

final as (

    select
        as_of_date,
        target_date,
        series_kind,
        method,
        horizon_days,
        n_forecasts,
        actual_total,
        forecast_total,
        abs_error_total,
        pinball_total,
        n_below_q10,
        n_above_q90,
        is_published
    from accuracy

)

select * from final
