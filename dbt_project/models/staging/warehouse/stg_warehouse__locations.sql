{#- Generated from data_contracts/sources by `make contracts`: edit the contract. For logic of its own write here what
     a row is instead: from then on the file is written by hand. -#}
{{ config(enabled='warehouse' in var('sources')) }}

with

source as (

    select * from {{ source('raw', 'warehouse__locations') }}
    where _is_current

),

renamed as (

    select
        location_id,
        updated_at,
        name as location_name,
        nullif(trim(city), '') as city,
        latitude,
        longitude,
        capacity_units,
        _event_date as event_date,
        _arrival_date as arrival_date,
        _delivery_id as delivery_id,
        _contract_version as contract_version,
        _batch_id as batch_id
    from source

),

final as (

    select * from renamed

)

select * from final
