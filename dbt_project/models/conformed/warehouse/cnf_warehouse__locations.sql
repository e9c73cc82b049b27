{#- One row per location and day on which the warehouse states something of it; the day's last statement counts. -#}
{{ config(enabled='warehouse' in var('sources')) }}

with

locations as (

    select
        *,
        event_date as stated_date
    from {{ ref('stg_warehouse__locations') }}

),

last_of_days as (

    {{ last_of_day('locations', 'location_id', 'updated_at desc') }}

),

final as (

    select
        'warehouse' as source_system,
        location_id,
        stated_date,
        location_name,
        city,
        latitude,
        longitude,
        capacity_units,
        delivery_id,
        contract_version,
        batch_id
    from last_of_days

)

select * from final
