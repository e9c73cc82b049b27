{{ config(enabled=has_entities('orders', 'order_lines')) }}

with

-- Every day of the calendar is shown: a closed or missing day is a fact about the shop, not a gap in the chart.
dates as (

    select * from {{ ref('dim_dates') }}

),

kpis as (

    select * from {{ ref('kpi_daily') }}

),

-- The worst verdict of the day over the shop's source tables.
verdicts as (

    select
        arrival_date,
        max(case verdict when 'blocked' then 4 when 'missing' then 3 when 'incomplete' then 2 else 1 end) as severity
    from {{ ref('quality_rows_daily') }}
    where verdict is not null
    group by arrival_date

),

orders as (

    select * from {{ ref('fct_orders_lifecycle') }}

),

-- A customer who places the first order of all that day is new that day, whatever follows on the same day.
buyers as (

    select
        ordered_date,
        customer_id,
        max(case when is_first then 1 else 0 end) as is_new
    from orders
    group by ordered_date, customer_id

),

buyer_days as (

    select
        ordered_date,
        count(*) filter (where is_new = 1) as n_new_customers,
        count(*) filter (where is_new = 0) as n_returning_customers
    from buyers
    group by ordered_date

),

final as (

    select
        dates.calendar_date,
        case
            when verdicts.severity = 4 then 'blocked'
            when verdicts.severity = 3 then 'missing'
            when verdicts.severity = 2 then 'incomplete'
            when verdicts.severity = 1 or kpis.calendar_date is not null then 'complete'
            when not dates.is_open then 'closed'
            else 'missing'
        end as day_state,
        dates.is_open,
        {%- for count in [
            'n_orders', 'n_cancellations', 'n_buyers', 'n_orders_without_customer', 'units_sold', 'units_returned',
        ] %}
        coalesce(kpis.{{ count }}, 0) as {{ count }},
        {%- endfor %}
        coalesce(buyer_days.n_new_customers, 0) as n_new_customers,
        coalesce(buyer_days.n_returning_customers, 0) as n_returning_customers,
        {%- for part in [
            'gmv', 'gross_sales', 'discount', 'returns', 'net_sales', 'shipping', 'other', 'net_revenue', 'fee',
            'bad_debt', 'total', 'identified_net_sales',
        ] %}
        coalesce(kpis.{{ part }}_amount, 0) as {{ part }}_amount,
        {%- endfor %}
        kpis.aov_amount,
        kpis.arppu_amount,
        kpis.units_per_order,
        kpis.average_selling_price_amount,
        coalesce(kpis.amount_currency, '{{ var("currency") }}') as amount_currency,
        coalesce(kpis.n_unpaid_orders, 0) as n_unpaid_orders,
        coalesce(kpis.n_orders_without_rate, 0) as n_orders_without_rate,
        coalesce(kpis.unpaid_amount, 0) as unpaid_amount,
        kpis.contract_version,
        kpis.batch_id
    from dates
    left join kpis on dates.calendar_date = kpis.calendar_date
    left join verdicts on dates.calendar_date = verdicts.arrival_date
    left join buyer_days on dates.calendar_date = buyer_days.ordered_date

)

select * from final
