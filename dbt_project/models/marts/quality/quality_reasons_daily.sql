with

broken as (

    select
        source_system,
        table_name,
        arrival_date,
        state as outcome,
        rule
    from {{ ref('stg_quality__quarantined_rows') }}
    cross join {{ items_of('reasons', 'rule') }}

),

final as (

    select
        source_system,
        table_name,
        arrival_date,
        rule,
        outcome,
        count(*) as row_count
    from broken
    group by source_system, table_name, arrival_date, rule, outcome

)

select * from final
