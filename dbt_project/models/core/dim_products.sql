with

statements as (

    {{ union_sources('products', [
        'source_system', 'product_id', 'item_type', 'stated_date', 'description', 'n_lines', 'contract_version',
        'batch_id',
    ]) }}

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

monthly as (

    select
        product_id,
        cast(date_trunc('month', stated_date) as date) as stated_month,
        description,
        sum(n_lines) as n_lines
    from statements
    where description is not null
    group by product_id, cast(date_trunc('month', stated_date) as date), description

),

ranked as (

    select
        *,
        row_number() over (
            partition by product_id, stated_month
            order by n_lines desc, description asc
        ) as nth_commonest
    from monthly

),

compared as (

    select
        *,
        lag(description) over (partition by product_id order by stated_month) as prev_description
    from ranked
    where nth_commonest = 1

),

changes as (

    select
        product_id,
        description,
        stated_month,
        row_number() over (partition by product_id order by stated_month) as version_no,
        lead(stated_month) over (partition by product_id order by stated_month) as next_stated_month
    from compared
    where prev_description is null or description != prev_description

),

final as (

    select
        products.product_id,
        products.source_system,
        products.item_type,
        changes.description,
        -- The first version reaches back to the first line of any kind, so that every line finds one.
        case
            when coalesce(changes.version_no, 1) = 1 then products.first_stated_date
            else changes.stated_month
        end as valid_from,
        changes.next_stated_month as valid_to,
        changes.next_stated_month is null as is_current,
        products.contract_version,
        products.batch_id
    from products
    left join changes on products.product_id = changes.product_id

)

select * from final
