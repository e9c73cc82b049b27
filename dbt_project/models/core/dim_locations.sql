{{ config(enabled=has_entities('locations')) }}

with

statements as (

    {{ union_sources('locations') }}

),

versions as (

    {{ versions_of('statements', 'location_id', [
        'location_name', 'city', 'latitude', 'longitude', 'capacity_units',
    ]) }}

),

final as (

    select
        location_id,
        source_system,
        location_name,
        city,
        latitude,
        longitude,
        capacity_units,
        stated_date as valid_from,
        next_stated_date as valid_to,
        next_stated_date is null as is_current,
        contract_version,
        batch_id
    from versions

)

select * from final
