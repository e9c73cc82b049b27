{{ config(enabled=has_entities('my_entity')) }}

with

days as (

    select * from {{ ref('my_mart') }}

),

final as (

    select
        calendar_date,
        amount_currency,
        n_my_entity,
        my_amount
    from days

)

select * from final
