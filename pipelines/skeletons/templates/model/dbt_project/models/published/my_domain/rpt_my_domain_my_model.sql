with

levels as (

    {{ newest_statement('ml_my_domain__my_model') }}

),

final as (

    select
        as_of_date,
        amount_currency,
        n_days,
        level,
        lower,
        upper,
        model_version
    from levels

)

select * from final
