{#- The steps from everything ordered to the contribution margin, in reading order: the column, its sign, and what each
    leads up to. -#}
{%- set parts = [
    ('gmv', '', 'gross_sales'),
    ('unpaid', '-', 'gross_sales'),
    ('discount', '', 'net_sales'),
    ('returns', '', 'net_sales'),
    ('shipping', '', 'net_revenue'),
    ('other', '', 'net_revenue'),
    ('cost', '-', 'cm1'),
    ('shipping_cost', '-', 'cm2'),
    ('payment_fee', '-', 'cm2'),
] -%}
{{ config(enabled=has_entities('payments', 'shipments', 'orders', 'order_lines')) }}

with

margins as (

    select * from {{ ref('margin_daily') }}

),

steps as (
    {% for part, sign, leads_to in parts %}
    select
        calendar_date,
        {{ loop.index }} as part_no,
        '{{ part }}' as part,
        '{{ leads_to }}' as leads_to,
        {{ sign }}{{ part }}_amount as amount,
        amount_currency
    from margins
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

final as (

    select
        calendar_date,
        part_no,
        part,
        leads_to,
        cast(amount as decimal(18, 4)) as amount,
        amount_currency
    from steps

)

select * from final
