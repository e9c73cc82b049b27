{{ config(enabled=has_entities('orders', 'order_lines')) }}

with

-- One snapshot a week, on the Sunday that closes it.
as_of_dates as (

    select calendar_date as as_of_date
    from {{ ref('dim_dates') }}
    where
        iso_weekday = 7
        and {{ on_dirty_days('calendar_date') }}

),

orders as (

    select
        customer_id,
        ordered_date,
        order_type = 'sale' as is_sale,
        net_sales_amount,
        amount_currency
    from {{ ref('fct_orders') }}
    where customer_id is not null and net_sales_amount is not null

),

-- Every row is known by its as-of date: nothing that happened later is read.
history as (

    select
        as_of_dates.as_of_date,
        orders.customer_id,
        orders.amount_currency,
        max(orders.ordered_date) filter (where orders.is_sale) as last_ordered_date,
        count(*) filter (where orders.is_sale) as frequency,
        cast(sum(orders.net_sales_amount) as decimal(18, 4)) as monetary_amount
    from as_of_dates
    inner join orders on as_of_dates.as_of_date >= orders.ordered_date
    group by as_of_dates.as_of_date, orders.customer_id, orders.amount_currency

),

measured as (

    select
        *,
        {{ days_between('last_ordered_date', 'as_of_date') }} as recency_days
    from history
    where frequency > 0

),

-- rank() gives equal values the same place, so equal values get equal scores; ntile would split them by chance.
ranked as (

    select
        *,
        count(*) over (partition by as_of_date) as n_customers,
        rank() over (partition by as_of_date order by recency_days desc) as recency_rank,
        rank() over (partition by as_of_date order by frequency) as frequency_rank,
        rank() over (partition by as_of_date order by monetary_amount nulls last) as monetary_rank
    from measured

),

final as (

    select
        as_of_date,
        customer_id,
        recency_days,
        frequency,
        monetary_amount,
        {%- for measure in ['recency', 'frequency', 'monetary'] %}
        cast(floor(5 * cast({{ measure }}_rank - 1 as double) / n_customers) as integer) + 1 as {{ measure }}_score,
        {%- endfor %}
        amount_currency
    from ranked

)

select * from final
