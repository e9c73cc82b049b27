{{ config(enabled=has_entities('my_entity')) }}

with

my_entity as (

    {{ union_sources('my_entity') }}

),

final as (

    select
        -- my_united
    from my_entity
    where {{ on_dirty_days('my_day') }}

)

select * from final
