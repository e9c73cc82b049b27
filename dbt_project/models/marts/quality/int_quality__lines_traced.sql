{{ config(enabled=has_entities('order_lines')) }}

-- Lineage: do the facts hold just the lines that can be traced to an accepted delivery? A day answers for the event
-- days that it brought rows of.
with

rows_daily as (

    select * from {{ ref('quality_rows_daily') }}

),

lines as (

    {{ union_sources('order_lines', ['source_system', 'delivery_id', 'ordered_date']) }}

),

-- The lines that stand in the raw tables and come from a delivery that was accepted.
traced as (

    select
        lines.source_system,
        deliveries.table_name,
        deliveries.arrival_date,
        lines.ordered_date as event_date,
        count(*) as n_rows
    from lines
    inner join {{ ref('stg_ledger__deliveries') }} as deliveries on lines.delivery_id = deliveries.delivery_id
    where deliveries.state = 'accepted'
    group by lines.source_system, deliveries.table_name, deliveries.arrival_date, lines.ordered_date

),

fact_rows as (

    select
        source_system,
        ordered_date as event_date,
        count(*) as n_rows
    from {{ ref('fct_order_lines') }}
    group by source_system, ordered_date

),

traced_days as (

    select
        source_system,
        event_date,
        cast(sum(n_rows) as bigint) as n_rows
    from traced
    group by source_system, event_date

),

-- Event days on which the facts hold more or fewer lines than can be traced.
strayed as (

    select
        coalesce(traced_days.source_system, fact_rows.source_system) as source_system,
        coalesce(traced_days.event_date, fact_rows.event_date) as event_date,
        coalesce(fact_rows.n_rows, 0) - coalesce(traced_days.n_rows, 0) as gap
    from traced_days
    full outer join fact_rows
        on traced_days.source_system = fact_rows.source_system and traced_days.event_date = fact_rows.event_date
    where coalesce(fact_rows.n_rows, 0) != coalesce(traced_days.n_rows, 0)

),

-- An arrival day answers for the event days that it brought rows of, and for its own: facts may stand there of no row.
answered as (

    select
        source_system,
        table_name,
        arrival_date,
        event_date
    from traced
    union distinct
    select
        source_system,
        table_name,
        arrival_date,
        arrival_date as event_date
    from rows_daily
    where table_name in (select traced.table_name from traced)

),

final as (

    select
        answered.source_system,
        answered.table_name,
        answered.arrival_date,
        cast(coalesce(sum(abs(strayed.gap)), 0) as bigint) as gap
    from answered
    left join strayed
        on answered.source_system = strayed.source_system and answered.event_date = strayed.event_date
    group by answered.source_system, answered.table_name, answered.arrival_date

)

select * from final
