with

source as (

    select * from {{ source('quality', 'quarantined_rows') }}

),

renamed as (

    select
        delivery_id,
        source as source_system,
        table_name,
        arrival_date,
        row_number,
        event_date,
        reasons,
        state
    from source

),

final as (

    select * from renamed

)

select * from final
