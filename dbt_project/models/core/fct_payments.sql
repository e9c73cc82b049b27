{{ config(enabled=has_entities('payments')) }}

with

payments as (

    {{ union_sources('payments') }}

),

rates as (

    {{ fx_rates() }}

),

rated as (

    select
        payments.source_system,
        payments.payment_id,
        payments.order_id,
        payments.paid_at,
        payments.paid_date,
        payments.payment_method,
        payments.paid_amount,
        payments.payment_fee_amount,
        payments.amount_currency,
        {{ rate_to_base('payments.amount_currency', 'rates.fx_rate') }} as fx_rate,
        rates.rate_date as fx_rate_date,
        payments.contract_version,
        payments.batch_id
    from payments
    left join rates
        on
            payments.amount_currency = rates.rate_currency
            and payments.paid_date = rates.rate_date
    where {{ on_dirty_days('payments.paid_date') }}

),

final as (

    select
        source_system,
        payment_id,
        order_id,
        paid_at,
        paid_date,
        payment_method,
        paid_amount,
        payment_fee_amount,
        amount_currency,
        fx_rate,
        fx_rate_date,
        {{ in_base('paid_amount', 'fx_rate') }} as base_paid_amount,
        {{ in_base('payment_fee_amount', 'fx_rate') }} as base_payment_fee_amount,
        '{{ var("currency") }}' as base_currency,
        contract_version,
        batch_id
    from rated

)

select * from final
