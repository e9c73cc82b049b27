{#- One row per article and day on which it was sold; the name of its last line that day. -#}
{{ config(enabled='marketplace' in var('sources')) }}

with

order_lines as (

    select
        *,
        ordered_date as stated_date
    from {{ ref('cnf_marketplace__order_lines') }}

),

last_of_days as (

    {{ last_of_day('order_lines', 'product_id', 'lined_at desc, order_line_id') }}

),

final as (

    select
        source_system,
        product_id,
        item_type,
        stated_date,
        description,
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
    from last_of_days

)

select * from final
