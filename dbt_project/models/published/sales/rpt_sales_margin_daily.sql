{{ config(enabled=has_entities('payments', 'shipments', 'orders', 'order_lines')) }}

with

margins as (

    select
        *,
        -- A loss over negative revenue would look like a profit.
        case when net_revenue_amount > 0 then net_revenue_amount end as earned_amount
    from {{ ref('margin_daily') }}

),

-- Every day of the calendar is shown, and called what the daily figures call it.
kpis as (

    select * from {{ ref('rpt_sales_kpi_daily') }}

),

final as (

    select
        kpis.calendar_date,
        kpis.day_state,
        {%- for part in [
            'gmv', 'unpaid', 'gross_sales', 'discount', 'returns', 'net_sales', 'shipping', 'other', 'net_revenue',
            'cost', 'cm1', 'shipping_cost', 'payment_fee', 'cm2',
        ] %}
        cast(coalesce(margins.{{ part }}_amount, 0) as decimal(18, 4)) as {{ part }}_amount,
        {%- endfor %}
        {{ ratio('margins.cm1_amount', 'margins.earned_amount') }} as cm1_rate,
        {{ ratio('margins.cm2_amount', 'margins.earned_amount') }} as cm2_rate,
        coalesce(margins.n_orders_without_rate, 0) as n_orders_without_rate,
        coalesce(margins.n_payments_without_rate, 0) as n_payments_without_rate,
        '{{ var("currency") }}' as amount_currency
    from kpis
    left join margins on kpis.calendar_date = margins.calendar_date

)

select * from final
