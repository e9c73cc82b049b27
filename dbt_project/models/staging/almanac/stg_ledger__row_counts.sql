with

source as (

    select * from {{ source('ledger', 'row_counts') }}

),

renamed as (

    select
        delivery_id,
        source as source_system,
        table_name,
        arrival_date,
        event_date,
        outcome,
        row_count,
        amount
    from source

),

final as (

    select * from renamed

)

select * from final
