{{ config(enabled=has_entities('my_entity')) }}

with

my_entity as (

    select * from {{ ref('my_fact') }}
    where {{ on_dirty_days('my_day') }}

),

final as (

    select
        my_day as calendar_date,
        amount_currency,
        count(*) as n_my_entity,
        cast(sum(my_amount) as decimal(18, 4)) as my_amount
    from my_entity
    group by my_day, amount_currency

)

select * from final
