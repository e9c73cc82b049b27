with

quality_reasons_daily as (

    select * from {{ ref('quality_reasons_daily') }}

),

final as (

    select
        source_system,
        table_name,
        arrival_date,
        rule,
        outcome,
        row_count
    from quality_reasons_daily

)

select * from final
