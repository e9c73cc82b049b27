{%- set attributes = [
    'description', 'name_local', 'spu', 'brand', 'category_l1', 'category_l2', 'unit_cost', 'pack_size',
    'carries_eco_label', 'launch_date', 'product_status',
] -%}

{{ config(enabled=has_entities('products')) }}

with

statements as (

    {{ union_sources('products') }}

),

products as (

    select
        product_id,
        max(source_system) as source_system,
        max(item_type) as item_type,
        min(stated_date) as first_stated_date,
        max(contract_version) as contract_version,
        max(batch_id) as batch_id
    from statements
    group by product_id

),

-- What names no product says nothing about it beyond that it was there.
named as (

    select * from statements
    where description is not null

),

versions as (

    {{ versions_of('named', 'product_id', attributes) }}

),

final as (

    select
        products.product_id,
        products.source_system,
        products.item_type,
        versions.description,
        -- The first version reaches back to the first statement of any kind, so that every line finds one.
        case
            when coalesce(versions.version_no, 1) = 1 then products.first_stated_date
            else versions.stated_date
        end as valid_from,
        versions.next_stated_date as valid_to,
        versions.next_stated_date is null as is_current,
        {%- for attribute in attributes[1:] %}
        versions.{{ attribute }},
        {%- endfor %}
        products.contract_version,
        products.batch_id
    from products
    left join versions on products.product_id = versions.product_id

)

select * from final
