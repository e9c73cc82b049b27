with

-- One snapshot a week, on the Sunday that closes it: a day on which the shop is closed.
as_of_dates as (

    select calendar_date as as_of_date
    from {{ ref('stg_ledger__calendar_days') }}
    where
        extract(isodow from calendar_date) = 7
        and {{ on_dirty_days('calendar_date') }}

),

order_lines as (

    select * from {{ ref('fct_order_lines') }}
    where not is_cancelled

),

final as (

    select
        as_of_dates.as_of_date,
        count(distinct order_lines.customer_id) as n_customers,
        cast(coalesce(sum(order_lines.line_amount), 0) as decimal(18, 4)) as revenue_to_date
    from as_of_dates
    left join order_lines on as_of_dates.as_of_date >= order_lines.ordered_date
    group by as_of_dates.as_of_date

)

select * from final
