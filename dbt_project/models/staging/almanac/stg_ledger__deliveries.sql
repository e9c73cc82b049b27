with

source as (

    select * from {{ source('ledger', 'deliveries') }}

),

renamed as (

    select
        delivery_id,
        source as source_system,
        table_name,
        file_name,
        file_sha256,
        file_bytes,
        arrival_date,
        arrival_seq,
        stands_for as stands_for_date,
        state,
        reason,
        physical_rows,
        contract_version,
        replaces as replaces_delivery_id,
        batch_id,
        loaded_at
    from source

),

final as (

    select * from renamed

)

select * from final
