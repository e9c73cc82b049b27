with

source as (

    select * from {{ source('ledger', 'verdicts') }}

),

renamed as (

    select
        source as source_system,
        table_name,
        arrival_date,
        verdict,
        reason,
        batch_id
    from source

),

final as (

    select * from renamed

)

select * from final
