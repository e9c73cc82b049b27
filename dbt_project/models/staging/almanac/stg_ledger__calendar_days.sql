with

source as (

    select * from {{ source('ledger', 'calendar_days') }}

),

renamed as (

    select
        calendar_date,
        is_open
    from source

),

final as (

    select * from renamed

)

select * from final
