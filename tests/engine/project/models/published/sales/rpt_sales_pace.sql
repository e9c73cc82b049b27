with

final as (

    select
        as_of_date,
        product_id,
        units_per_day,
        model_version
    from (

        {{ newest_statement('ml_sales__pace') }}

    ) as pace

)

select * from final
