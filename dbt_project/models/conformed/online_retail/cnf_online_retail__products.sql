{{ config(enabled='online_retail' in var('sources')) }}

with

order_lines as (

    select * from {{ ref('cnf_online_retail__order_lines') }}

),

-- Lines without a price carry the stock room's remarks ("damaged", "?", "ebay") where the name should be.
stated as (

    select
        source_system,
        product_id,
        item_type,
        ordered_date as stated_date,
        case when unit_price > 0 then description end as description,
        contract_version,
        batch_id
    from order_lines

),

final as (

    select
        source_system,
        product_id,
        item_type,
        stated_date,
        description,
        count(*) as n_lines,
        max(contract_version) as contract_version,
        max(batch_id) as batch_id
    from stated
    group by source_system, product_id, item_type, stated_date, description

)

select * from final
