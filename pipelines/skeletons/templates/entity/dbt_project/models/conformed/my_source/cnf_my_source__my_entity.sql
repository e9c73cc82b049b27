{#- One row of my entity per row of my table of my source. -#}
{{ config(enabled='my_source' in var('sources')) }}

with

my_entity as (

    select * from {{ ref('stg_my_source__my_table') }}

),

final as (

    select
        -- my_conformed
    from my_entity

)

select * from final
