{{ config(enabled=has_entities('orders', 'order_lines')) }}

with

orders as (

    select
        *,
        order_type = 'sale' as is_sale,
        customer_id is not null as has_customer
    from {{ ref('fct_orders') }}
    where {{ on_dirty_days('ordered_date') }}

),

days as (

    select
        ordered_date,
        amount_currency,
        count(*) filter (where is_sale) as n_orders,
        count(*) filter (where order_type = 'cancellation') as n_cancellations,
        count(distinct customer_id) filter (where is_sale) as n_buyers,
        count(*) filter (where is_sale and not has_customer) as n_orders_without_customer,
        count(*) filter (where order_type = 'unpaid') as n_unpaid_orders,
        count(*) filter (where not has_rate) as n_orders_without_rate,
        {%- for units in ['units_sold', 'units_returned'] %}
        cast(sum({{ units }}) as bigint) as {{ units }},
        {%- endfor %}
        {%- for part in [
            'gross_sales', 'discount', 'returns', 'net_sales', 'shipping', 'other', 'net_revenue', 'fee', 'bad_debt',
            'total', 'unpaid', 'unpaid_terms',
        ] %}
        cast(coalesce(sum({{ part }}_amount), 0) as decimal(18, 4)) as {{ part }}_amount,
        {%- endfor %}
        -- Money leaves out what has no amount in the shop's currency (yet) on both sides: no cost without its revenue,
        -- no ratio over orders that one of its sides does not count.
        cast(sum(cost_amount) filter (where has_rate) as decimal(18, 4)) as cost_amount,
        count(*) filter (where is_sale and has_rate) as n_valued_orders,
        count(distinct customer_id) filter (where is_sale and has_rate) as n_valued_buyers,
        cast(coalesce(sum(units_sold) filter (where has_rate), 0) as bigint) as valued_units_sold,
        cast(
            coalesce(sum(net_sales_amount) filter (where has_customer), 0) as decimal(18, 4)
        ) as identified_net_sales_amount,
        max(contract_version) as contract_version,
        max(batch_id) as batch_id
    from orders
    group by ordered_date, amount_currency

),

final as (

    select
        ordered_date as calendar_date,
        n_orders,
        n_cancellations,
        n_buyers,
        n_orders_without_customer,
        units_sold,
        units_returned,
        cast(gross_sales_amount + unpaid_amount as decimal(18, 4)) as gmv_amount,
        gross_sales_amount,
        discount_amount,
        returns_amount,
        net_sales_amount,
        shipping_amount,
        other_amount,
        net_revenue_amount,
        fee_amount,
        bad_debt_amount,
        total_amount,
        identified_net_sales_amount,
        {{ ratio('net_sales_amount', 'n_valued_orders') }} as aov_amount,
        {{ ratio('identified_net_sales_amount', 'n_valued_buyers') }} as arppu_amount,
        {{ ratio('units_sold', 'n_orders') }} as units_per_order,
        {{ ratio('gross_sales_amount', 'valued_units_sold') }} as average_selling_price_amount,
        amount_currency,
        n_unpaid_orders,
        n_orders_without_rate,
        unpaid_amount,
        unpaid_terms_amount,
        cost_amount,
        contract_version,
        batch_id
    from days

)

select * from final
