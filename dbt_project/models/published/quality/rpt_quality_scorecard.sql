with

quality_scorecard as (

    select * from {{ ref('quality_scorecard') }}

),

final as (

    select
        source_system,
        table_name,
        arrival_date,
        check_class,
        status,
        n_checks,
        n_failed,
        worst_rule,
        measured,
        lowest,
        highest,
        finding
    from quality_scorecard

)

select * from final
