{{ config(enabled=has_entities('orders', 'order_lines')) }}

with

months as (

    select
        month_start_date,
        calendar_year * 12 + calendar_month as month_no,
        max(calendar_date) as last_date
    from {{ ref('dim_dates') }}
    group by month_start_date, calendar_year * 12 + calendar_month

),

-- Months that lie wholly on or before the last day of the calendar. Later months are unknown, not empty.
bounds as (

    select
        min(month_no) as first_month_no,
        max(month_no) as last_month_no,
        max(month_no) filter (
            where last_date = cast(month_start_date + interval '1 month' as date) - interval '1 day'
        ) as last_mature_month_no
    from months

),

ages as (

    select cast(months.month_no - bounds.first_month_no as integer) as age_months
    from months
    cross join bounds

),

orders as (

    select
        customer_id,
        ordered_date,
        cast(extract(year from ordered_date) as integer) * 12
        + cast(extract(month from ordered_date) as integer) as month_no
    from {{ ref('fct_orders_lifecycle') }}

),

customers as (

    select
        customer_id,
        min(month_no) as cohort_month_no
    from orders
    group by customer_id

),

cohorts as (

    select
        cohort_month_no,
        count(*) as cohort_size
    from customers
    group by cohort_month_no

),

activity as (

    select
        customers.cohort_month_no,
        orders.month_no,
        count(distinct orders.customer_id) as n_active,
        count(*) as n_orders
    from orders
    inner join customers on orders.customer_id = customers.customer_id
    group by customers.cohort_month_no, orders.month_no

),

cells as (

    select
        months.month_start_date as cohort_month,
        ages.age_months,
        cohorts.cohort_size,
        coalesce(
            cohorts.cohort_month_no + ages.age_months <= bounds.last_mature_month_no, false
        ) as is_mature,
        cohorts.cohort_month_no = bounds.first_month_no as is_left_censored,
        coalesce(activity.n_active, 0) as n_active,
        coalesce(activity.n_orders, 0) as n_orders
    from cohorts
    inner join months on cohorts.cohort_month_no = months.month_no
    cross join bounds
    cross join ages
    left join activity
        on
            cohorts.cohort_month_no = activity.cohort_month_no
            and cohorts.cohort_month_no + ages.age_months = activity.month_no

),

final as (

    select
        cohort_month,
        age_months,
        cohort_size,
        is_mature,
        is_left_censored,
        case when is_mature then n_active end as n_active,
        case when is_mature then n_orders end as n_orders,
        case when is_mature then {{ ratio('n_active', 'cohort_size') }} end as retention_rate
    from cells

)

select * from final
