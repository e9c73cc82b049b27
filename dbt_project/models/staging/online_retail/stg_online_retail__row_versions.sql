{{ config(enabled='online_retail' in var('sources')) }}

-- The one view that reads superseded rows too: elsewhere only current rows count, but the accounts must show the rest.
with

counted as (

    {{ row_versions('online_retail', {
        'transactions': "Quantity * UnitPrice",
    }) }}

),

final as (

    select
        source_system,
        table_name,
        arrival_date,
        event_date,
        current_rows,
        superseded_rows,
        current_amount,
        superseded_amount
    from counted

)

select * from final
