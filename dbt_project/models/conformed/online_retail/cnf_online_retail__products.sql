{#-
    One row per product and month with a line of it: the name of a month is the one that most of its priced lines
    carry (equal counts: the first in the alphabet). By the month and not by the line, because a product's old and
    new name alternate for some weeks and single lines are mistyped: 212 products carry several names on priced
    lines, 95 of them change the name that prevails. Lines without a price state no name: staff write remarks there.
-#}
{{ config(enabled='online_retail' in var('sources')) }}

with

order_lines as (

    select * from {{ ref('cnf_online_retail__order_lines') }}

),

-- Lines without a price carry the stock room's remarks ("damaged", "?", "ebay") where the name should be.
stated as (

    select
        product_id,
        item_type,
        ordered_date,
        cast(date_trunc('month', ordered_date) as date) as stated_month,
        case when unit_price > 0 then description end as description,
        contract_version,
        batch_id
    from order_lines

),

named as (

    select
        product_id,
        stated_month,
        description,
        count(*) as n_lines
    from stated
    where description is not null
    group by product_id, stated_month, description

),

ranked as (

    select
        *,
        row_number() over (
            partition by product_id, stated_month
            order by n_lines desc, description asc nulls last
        ) as nth_commonest
    from named

),

months as (

    select
        product_id,
        stated_month,
        max(item_type) as item_type,
        min(ordered_date) as first_date,
        row_number() over (partition by product_id order by stated_month nulls last) as nth_month,
        max(contract_version) as contract_version,
        max(batch_id) as batch_id
    from stated
    group by product_id, stated_month

),

final as (

    select
        'online_retail' as source_system,
        months.product_id,
        months.item_type,
        -- A name holds for its whole month; nothing is known of a product before its first line.
        case when months.nth_month = 1 then months.first_date else months.stated_month end as stated_date,
        ranked.description,
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
        months.contract_version,
        months.batch_id
    from months
    left join ranked
        on
            months.product_id = ranked.product_id
            and months.stated_month = ranked.stated_month
            and ranked.nth_commonest = 1

)

select * from final
