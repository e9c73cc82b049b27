{{ config(enabled='online_retail' in var('sources')) }}

-- The one view that reads superseded rows too: elsewhere only current rows count, but the accounts must show the rest.
with

source as (

    select
        *,
        cast(Quantity * UnitPrice as decimal(18, 4)) as amount
    from {{ source('raw', 'online_retail__transactions') }}

),

counted as (

    select
        'online_retail' as source_system,
        'transactions' as table_name,
        _arrival_date as arrival_date,
        _event_date as event_date,
        count(*) filter (where _is_current) as current_rows,
        count(*) filter (where not _is_current) as superseded_rows,
        cast(coalesce(sum(amount) filter (where _is_current), 0) as decimal(38, 4)) as current_amount,
        cast(coalesce(sum(amount) filter (where not _is_current), 0) as decimal(38, 4)) as superseded_amount
    from source
    group by _arrival_date, _event_date

),

final as (

    select * from counted

)

select * from final
