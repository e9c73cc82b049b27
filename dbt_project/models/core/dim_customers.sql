with

statements as (

    {{ union_sources('customers', [
        'source_system', 'customer_id', 'stated_date', 'country', 'contract_version', 'batch_id',
    ]) }}

),

compared as (

    select
        *,
        row_number() over (partition by customer_id order by stated_date) as statement_no,
        lag(country) over (partition by customer_id order by stated_date) as prev_country
    from statements

),

changes as (

    select * from compared
    where statement_no = 1 or country is distinct from prev_country

),

versions as (

    select
        *,
        lead(stated_date) over (partition by customer_id order by stated_date) as next_stated_date
    from changes

),

first_orders as (

    select * from {{ ref('fct_orders_lifecycle') }}
    where is_first

),

final as (

    select
        versions.customer_id,
        versions.source_system,
        versions.country,
        first_orders.ordered_at as first_order_at,
        first_orders.ordered_date as first_order_date,
        versions.stated_date as valid_from,
        versions.next_stated_date as valid_to,
        versions.next_stated_date is null as is_current,
        versions.contract_version,
        versions.batch_id
    from versions
    left join first_orders on versions.customer_id = first_orders.customer_id

)

select * from final
