{#-
    One row per line of an invoice, the version that stands. Renamed and cast from the raw table; superseded versions are
    left out.
-#}
{{ config(enabled='online_retail' in var('sources')) }}

with

source as (

    select * from {{ source('raw', 'online_retail__transactions') }}
    where _is_current

),

renamed as (

    select
        md5(concat_ws('|', InvoiceNo, _row_hash, cast(_occurrence as string))) as order_line_id,
        InvoiceNo as order_id,
        upper(trim(StockCode)) as product_id,
        StockCode as stock_code,
        nullif(trim(Description), '') as description,
        cast(Quantity as integer) as quantity,
        cast(UnitPrice as decimal(18, 4)) as unit_price,
        InvoiceDate as invoiced_at,
        _is_ambiguous_time as is_ambiguous_time,
        -- The export wrote the account numbers through a float column: 17850.0.
        nullif(regexp_replace(trim(CustomerID), '[.]0$', ''), '') as customer_id,
        Country as country,
        _event_date as event_date,
        _arrival_date as arrival_date,
        _delivery_id as delivery_id,
        _contract_version as contract_version,
        _batch_id as batch_id
    from source

),

final as (

    select * from renamed

)

select * from final
