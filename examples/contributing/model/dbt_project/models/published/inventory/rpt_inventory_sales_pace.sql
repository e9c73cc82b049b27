with

pace as (

    {{ newest_statement('ml_inventory__sales_pace') }}

),

final as (

    select
        as_of_date,
        product_id,
        n_days,
        units_per_day,
        model_version
    from pace

)

select * from final
