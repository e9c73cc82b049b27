with

source as (

    select * from {{ source('ledger', 'day_profiles') }}

),

renamed as (

    select
        source as source_system,
        table_name,
        arrival_date,
        column_name,
        bucket,
        row_count
    from source

),

final as (

    select * from renamed

)

select * from final
