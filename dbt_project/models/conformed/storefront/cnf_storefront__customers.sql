{#-
    One row per account and day on which it was created or changed; the day's last version counts. The first reaches
    back to the first order.
-#}
{{ config(enabled='storefront' in var('sources')) }}

with

orders as (

    select
        customer_id,
        country,
        city,
        event_date as stated_date,
        row_number() over (partition by customer_id order by ordered_at nulls last, order_id nulls last) as nth_order,
        contract_version,
        batch_id
    from {{ ref('stg_storefront__orders') }}
    where customer_id is not null

),

first_orders as (

    select * from orders
    where nth_order = 1

),

accounts as (

    select
        *,
        event_date as stated_date
    from {{ ref('stg_storefront__customers') }}

),

last_of_days as (

    {{ last_of_day('accounts', 'customer_id', 'updated_at desc') }}

),

versions as (

    select
        *,
        -- portable: row-order: an account has one row a day here
        row_number() over (partition by customer_id order by stated_date nulls last) as version_no
    from last_of_days

),

statements as (

    select
        versions.customer_id,
        -- An account that came late holds from the first order on: every order finds a version of its customer.
        case
            when versions.version_no = 1 and first_orders.stated_date < versions.stated_date
                then first_orders.stated_date
            else versions.stated_date
        end as stated_date,
        versions.country,
        versions.city,
        versions.registered_at,
        versions.gender,
        versions.birth_year,
        versions.acquisition_channel,
        versions.accepts_marketing,
        versions.allows_personalisation,
        versions.delivery_id,
        versions.contract_version,
        versions.batch_id
    from versions
    left join first_orders on versions.customer_id = first_orders.customer_id
    union all
    -- Of an account that has not come yet its orders alone tell.
    select
        first_orders.customer_id,
        first_orders.stated_date,
        first_orders.country,
        first_orders.city,
        cast(null as timestamp) as registered_at,
        cast(null as string) as gender,
        cast(null as integer) as birth_year,
        cast(null as string) as acquisition_channel,
        cast(null as boolean) as accepts_marketing,
        cast(null as boolean) as allows_personalisation,
        cast(null as string) as delivery_id,
        first_orders.contract_version,
        first_orders.batch_id
    from first_orders
    left join versions on first_orders.customer_id = versions.customer_id
    where versions.customer_id is null

),

final as (

    select
        'storefront' as source_system,
        customer_id,
        stated_date,
        country,
        city,
        registered_at,
        gender,
        -- Ten years at a time: nobody needs to know the year.
        cast(floor(cast(birth_year as double) / 10) * 10 as integer) as birth_decade,
        acquisition_channel,
        accepts_marketing,
        allows_personalisation,
        delivery_id,
        contract_version,
        batch_id
    from statements

)

select * from final
