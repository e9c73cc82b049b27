{{ config(enabled='payments' in var('entities') and 'shipments' in var('entities')) }}

with

dates as (

    select * from {{ ref('dim_dates') }}

),

margins as (

    select * from {{ ref('margin_daily') }}

),

-- Every day of the calendar is shown, as in the daily figures.
final as (

    select
        dates.calendar_date,
        {%- for part in [
            'gmv', 'unpaid', 'gross_sales', 'discount', 'returns', 'net_sales', 'shipping', 'other', 'net_revenue',
            'cost', 'cm1', 'shipping_cost', 'payment_fee', 'cm2',
        ] %}
        cast(coalesce(margins.{{ part }}_amount, 0) as decimal(18, 4)) as {{ part }}_amount,
        {%- endfor %}
        {{ ratio('margins.cm1_amount', 'margins.net_revenue_amount') }} as cm1_rate,
        {{ ratio('margins.cm2_amount', 'margins.net_revenue_amount') }} as cm2_rate,
        coalesce(margins.n_orders_without_rate, 0) as n_orders_without_rate,
        coalesce(margins.n_payments_without_rate, 0) as n_payments_without_rate,
        '{{ var("currency") }}' as amount_currency
    from dates
    left join margins on dates.calendar_date = margins.calendar_date

)

select * from final
