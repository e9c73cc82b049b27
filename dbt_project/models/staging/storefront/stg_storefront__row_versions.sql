{{ config(enabled='storefront' in var('sources')) }}

-- Generated from data_contracts/sources by `make contracts`. Edit the contract, not this file.
-- The one view that reads superseded rows too: elsewhere only current rows count, but the accounts must show the rest.
with

final as (

    {{ row_versions('storefront', {
        'customers': none,
        'fx_rates': none,
        'order_lines': "case when (currency = 'CNY') then ((quantity * unit_list_price) - discount_amount) end",
        'orders': "case when (currency = 'CNY') then shipping_fee end",
        'payments': none,
        'prices': none,
        'products': none,
        'promotions': none,
        'refunds': "case when (currency = 'CNY') then (0 - amount) end",
    }) }}

)

select * from final
