with

quality_rows_daily as (

    select * from {{ ref('quality_rows_daily') }}

),

final as (

    select
        source_system,
        table_name,
        arrival_date,
        verdict,
        verdict_reason,
        n_files,
        n_refused_files,
        physical_rows,
        accepted_rows,
        quarantined_rows,
        duplicate_rows,
        blocked_rows,
        superseded_rows,
        current_rows,
        accepted_amount,
        quarantined_amount,
        duplicate_amount,
        blocked_amount,
        superseded_amount,
        current_amount,
        amount_currency,
        accounting_gap,
        version_gap
    from quality_rows_daily

)

select * from final
