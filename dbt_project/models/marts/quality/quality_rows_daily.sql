with

deliveries as (

    select
        source_system,
        table_name,
        arrival_date,
        count(*) as n_files,
        count(*) filter (where state = 'refused') as n_refused_files,
        cast(
            coalesce(sum(physical_rows) filter (where state not in ('refused', 'replaced')), 0) as bigint
        ) as physical_rows
    from {{ ref('stg_ledger__deliveries') }}
    group by source_system, table_name, arrival_date

),

outcomes as (

    select
        source_system,
        table_name,
        {%- for outcome in ['accepted', 'quarantined', 'duplicate', 'blocked'] %}
        cast(
            coalesce(sum(row_count) filter (where outcome = '{{ outcome }}'), 0) as bigint
        ) as {{ outcome }}_rows,
        cast(
            coalesce(sum(amount) filter (where outcome = '{{ outcome }}'), 0) as decimal(18, 4)
        ) as {{ outcome }}_amount,
        {%- endfor %}
        arrival_date
    from {{ ref('stg_ledger__row_counts') }}
    group by source_system, table_name, arrival_date

),

row_versions as (

    select
        source_system,
        table_name,
        arrival_date,
        current_rows,
        superseded_rows,
        current_amount,
        superseded_amount
    from {{ ref('stg_ledger__row_versions') }}

),

versions as (

    select
        source_system,
        table_name,
        arrival_date,
        cast(sum(current_rows) as bigint) as current_rows,
        cast(sum(superseded_rows) as bigint) as superseded_rows,
        cast(sum(current_amount) as decimal(18, 4)) as current_amount,
        cast(sum(superseded_amount) as decimal(18, 4)) as superseded_amount
    from row_versions
    group by source_system, table_name, arrival_date

),

verdicts as (

    select * from {{ ref('stg_ledger__verdicts') }}

),

-- A table and day may have a verdict and no file (missing) or, for a drop on a closed day, a file and no verdict.
keys as (

    select
        source_system,
        table_name,
        arrival_date
    from verdicts
    union distinct
    select
        source_system,
        table_name,
        arrival_date
    from deliveries

),

final as (

    select
        keys.source_system,
        keys.table_name,
        keys.arrival_date,
        verdicts.verdict,
        verdicts.reason as verdict_reason,
        {%- for count in ['n_files', 'n_refused_files', 'physical_rows'] %}
        coalesce(deliveries.{{ count }}, 0) as {{ count }},
        {%- endfor %}
        {%- for outcome in ['accepted', 'quarantined', 'duplicate', 'blocked'] %}
        coalesce(outcomes.{{ outcome }}_rows, 0) as {{ outcome }}_rows,
        {%- endfor %}
        {%- for version in ['superseded', 'current'] %}
        coalesce(versions.{{ version }}_rows, 0) as {{ version }}_rows,
        {%- endfor %}
        {%- for outcome in ['accepted', 'quarantined', 'duplicate', 'blocked'] %}
        coalesce(outcomes.{{ outcome }}_amount, 0) as {{ outcome }}_amount,
        {%- endfor %}
        {%- for version in ['superseded', 'current'] %}
        coalesce(versions.{{ version }}_amount, 0) as {{ version }}_amount,
        {%- endfor %}
        '{{ var("currency") }}' as amount_currency,
        coalesce(deliveries.physical_rows, 0)
        - coalesce(
            outcomes.accepted_rows + outcomes.quarantined_rows + outcomes.duplicate_rows + outcomes.blocked_rows, 0
        ) as accounting_gap,
        coalesce(outcomes.accepted_rows, 0)
        - coalesce(versions.superseded_rows + versions.current_rows, 0) as version_gap
    from keys
    left join verdicts
        on
            keys.source_system = verdicts.source_system
            and keys.table_name = verdicts.table_name
            and keys.arrival_date = verdicts.arrival_date
    left join deliveries
        on
            keys.source_system = deliveries.source_system
            and keys.table_name = deliveries.table_name
            and keys.arrival_date = deliveries.arrival_date
    left join outcomes
        on
            keys.source_system = outcomes.source_system
            and keys.table_name = outcomes.table_name
            and keys.arrival_date = outcomes.arrival_date
    left join versions
        on
            keys.source_system = versions.source_system
            and keys.table_name = versions.table_name
            and keys.arrival_date = versions.arrival_date

)

select * from final
