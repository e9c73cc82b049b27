{{ config(enabled=has_entities('fx_rates')) }}

with

fx_rates as (

    {{ union_sources('fx_rates') }}

),

final as (

    select
        source_system,
        rate_currency,
        rate_date,
        fx_rate,
        contract_version,
        batch_id
    from fx_rates
    where {{ on_dirty_days('rate_date') }}

)

select * from final
