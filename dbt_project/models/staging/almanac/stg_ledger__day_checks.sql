with

source as (

    select * from {{ source('ledger', 'day_checks') }}

),

renamed as (

    select
        source as source_system,
        table_name,
        arrival_date,
        check_class,
        rule,
        severity,
        measured,
        lowest,
        highest,
        is_broken
    from source

),

final as (

    select * from renamed

)

select * from final
