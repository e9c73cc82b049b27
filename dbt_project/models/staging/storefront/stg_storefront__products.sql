{#- Generated from data_contracts/sources by `make contracts`: edit the contract. For logic of its own write here what
     a row is instead: from then on the file is written by hand. -#}
{{ config(enabled='storefront' in var('sources')) }}

with

source as (

    select * from {{ source('raw', 'storefront__products') }}
    where _is_current

),

renamed as (

    select
        sku as product_id,
        updated_at,
        spu,
        name as name_local,
        name_en as description,
        brand,
        category_l1,
        category_l2,
        unit_cost,
        pack_size,
        is_eco as carries_eco_label,
        launched_on as launch_date,
        status as product_status,
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
