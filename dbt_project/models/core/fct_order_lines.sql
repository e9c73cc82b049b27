{{ config(enabled=has_entities('order_lines')) }}

with

order_lines as (

    {{ union_sources('order_lines') }}

),

rates as (

    {{ fx_rates() }}

),

rated as (

    select
        order_lines.*,
        {{ rate_to_base('order_lines.amount_currency', 'rates.fx_rate') }} as fx_rate,
        rates.rate_date as fx_rate_date
    from order_lines
    left join rates
        on
            order_lines.amount_currency = rates.rate_currency
            and order_lines.ordered_date = rates.rate_date
    where {{ on_dirty_days('order_lines.ordered_date') }}

),

final as (

    select
        order_line_id,
        order_id,
        source_system,
        customer_id,
        product_id,
        line_type,
        item_type,
        description,
        quantity,
        unit_price,
        line_amount,
        amount_currency,
        country,
        lined_at,
        ordered_date,
        original_order_id,
        location_id,
        promotion_id,
        fx_rate,
        fx_rate_date,
        {{ in_base('line_amount', 'fx_rate') }} as base_amount,
        unit_cost as base_unit_cost,
        cost_amount as base_cost_amount,
        '{{ var("currency") }}' as base_currency,
        contract_version,
        batch_id
    from rated

)

select * from final
