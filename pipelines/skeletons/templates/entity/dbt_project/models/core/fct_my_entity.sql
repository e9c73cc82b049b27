{{ config(enabled=has_entities('my_entity')) }}

with

entries as (

    {{ union_sources('my_entity') }}

),

final as (

    select
        -- my_united
    from entries
    where {{ on_dirty_days('my_day') }}

)

select * from final
