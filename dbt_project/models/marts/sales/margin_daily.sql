{{ config(enabled=has_entities('payments', 'shipments', 'orders', 'order_lines')) }}

with

kpis as (

    select * from {{ ref('kpi_daily') }}
    where {{ on_dirty_days('calendar_date') }}

),

payments as (

    select
        paid_date as calendar_date,
        count(*) filter (where base_payment_fee_amount is null) as n_payments_without_rate,
        cast(coalesce(sum(base_payment_fee_amount), 0) as decimal(18, 4)) as payment_fee_amount
    from {{ ref('fct_payments') }}
    where {{ on_dirty_days('paid_date') }}
    group by paid_date

),

shipments as (

    select
        created_date as calendar_date,
        cast(sum(shipping_cost_amount) as decimal(18, 4)) as shipping_cost_amount
    from {{ ref('fct_shipments') }}
    where {{ on_dirty_days('created_date') }}
    group by created_date

),

-- A day can have a payment or a parcel and no order.
days as (

    select calendar_date from kpis
    union distinct
    select calendar_date from payments
    union distinct
    select calendar_date from shipments

),

joined as (

    select
        days.calendar_date,
        {%- for part in [
            'gmv', 'unpaid', 'gross_sales', 'discount', 'returns', 'net_sales', 'shipping', 'other', 'net_revenue',
            'cost',
        ] %}
        coalesce(kpis.{{ part }}_amount, 0) as {{ part }}_amount,
        {%- endfor %}
        coalesce(shipments.shipping_cost_amount, 0) as shipping_cost_amount,
        coalesce(payments.payment_fee_amount, 0) as payment_fee_amount,
        coalesce(kpis.n_orders_without_rate, 0) as n_orders_without_rate,
        coalesce(payments.n_payments_without_rate, 0) as n_payments_without_rate
    from days
    left join kpis on days.calendar_date = kpis.calendar_date
    left join payments on days.calendar_date = payments.calendar_date
    left join shipments on days.calendar_date = shipments.calendar_date

),

final as (

    select
        calendar_date,
        cast(gmv_amount as decimal(18, 4)) as gmv_amount,
        cast(unpaid_amount as decimal(18, 4)) as unpaid_amount,
        cast(gross_sales_amount as decimal(18, 4)) as gross_sales_amount,
        cast(discount_amount as decimal(18, 4)) as discount_amount,
        cast(returns_amount as decimal(18, 4)) as returns_amount,
        cast(net_sales_amount as decimal(18, 4)) as net_sales_amount,
        cast(shipping_amount as decimal(18, 4)) as shipping_amount,
        cast(other_amount as decimal(18, 4)) as other_amount,
        cast(net_revenue_amount as decimal(18, 4)) as net_revenue_amount,
        cast(cost_amount as decimal(18, 4)) as cost_amount,
        cast(net_revenue_amount - cost_amount as decimal(18, 4)) as cm1_amount,
        cast(shipping_cost_amount as decimal(18, 4)) as shipping_cost_amount,
        cast(payment_fee_amount as decimal(18, 4)) as payment_fee_amount,
        cast(
            net_revenue_amount - cost_amount - shipping_cost_amount - payment_fee_amount as decimal(18, 4)
        ) as cm2_amount,
        n_orders_without_rate,
        n_payments_without_rate,
        '{{ var("currency") }}' as amount_currency
    from joined

)

select * from final
