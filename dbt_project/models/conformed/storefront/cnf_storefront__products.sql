{#-
    One row per article and day on which the catalogue states something of it, and one per article from its first
    order line on.
-#}
{{ config(enabled='storefront' in var('sources')) }}

with

catalogue as (

    select
        *,
        event_date as stated_date
    from {{ ref('stg_storefront__products') }}

),

last_of_days as (

    {{ last_of_day('catalogue', 'product_id', 'updated_at desc') }}

),

-- An article can be sold before its row of the catalogue comes, and shipping stands in no catalogue.
sold as (

    select
        product_id,
        item_type,
        min(ordered_date) as stated_date,
        max(contract_version) as contract_version,
        max(batch_id) as batch_id
    from {{ ref('cnf_storefront__order_lines') }}
    where item_type != 'discount'
    group by product_id, item_type

),

final as (

    select
        'storefront' as source_system,
        product_id,
        'product' as item_type,
        stated_date,
        description,
        name_local,
        spu,
        brand,
        category_l1,
        category_l2,
        unit_cost,
        pack_size,
        carries_eco_label,
        launch_date,
        product_status,
        delivery_id,
        contract_version,
        batch_id
    from last_of_days
    union all
    select
        'storefront' as source_system,
        product_id,
        item_type,
        stated_date,
        cast(null as string) as description,
        cast(null as string) as name_local,
        cast(null as string) as spu,
        cast(null as string) as brand,
        cast(null as string) as category_l1,
        cast(null as string) as category_l2,
        cast(null as decimal(18, 4)) as unit_cost,
        cast(null as integer) as pack_size,
        cast(null as boolean) as carries_eco_label,
        cast(null as date) as launch_date,
        cast(null as string) as product_status,
        cast(null as string) as delivery_id,
        contract_version,
        batch_id
    from sold

)

select * from final
