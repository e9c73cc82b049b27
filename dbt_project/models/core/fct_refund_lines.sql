{{ config(enabled=has_entities('refund_lines')) }}

with

refund_lines as (

    {{ union_sources('refund_lines') }}

),

rates as (

    {{ fx_rates() }}

),

rated as (

    select
        refund_lines.source_system,
        refund_lines.refund_id,
        refund_lines.order_id,
        refund_lines.line_no,
        refund_lines.order_line_id,
        refund_lines.refunded_at,
        refund_lines.refunded_date,
        refund_lines.product_id,
        refund_lines.quantity,
        refund_lines.refund_amount,
        refund_lines.amount_currency,
        refund_lines.refund_reason,
        refund_lines.is_restocked,
        refund_lines.unit_cost,
        {{ rate_to_base('refund_lines.amount_currency', 'rates.fx_rate') }} as fx_rate,
        rates.rate_date as fx_rate_date,
        refund_lines.contract_version,
        refund_lines.batch_id
    from refund_lines
    left join rates
        on
            refund_lines.amount_currency = rates.rate_currency
            and refund_lines.refunded_date = rates.rate_date
    where {{ on_dirty_days('refund_lines.refunded_date') }}

),

final as (

    select
        source_system,
        refund_id,
        order_id,
        line_no,
        order_line_id,
        refunded_at,
        refunded_date,
        product_id,
        quantity,
        refund_amount,
        amount_currency,
        refund_reason,
        is_restocked,
        unit_cost as base_unit_cost,
        fx_rate,
        fx_rate_date,
        {{ in_base('refund_amount', 'fx_rate') }} as base_refund_amount,
        '{{ var("currency") }}' as base_currency,
        contract_version,
        batch_id
    from rated

)

select * from final
