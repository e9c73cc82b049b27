{#- The steps from gross sales to everything that was delivered, in reading order, and the metric each leads up to. -#}
{%- set booked_parts = [
    ('gross_sales', 'net_sales'),
    ('discount', 'net_sales'),
    ('returns', 'net_sales'),
    ('shipping', 'net_revenue'),
    ('other', 'net_revenue'),
    ('fee', 'booked'),
    ('bad_debt', 'booked'),
] -%}
{%- set excluded_parts = ['superseded', 'duplicate', 'quarantined', 'blocked'] -%}
{%- set beside_parts = ['unpaid', 'other_currencies'] -%}

{{ config(enabled=has_entities('orders', 'order_lines')) }}

with

days as (

    select * from {{ ref('kpi_daily') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where order_currency != amount_currency

),

-- Rows of every table are told of; money is that of the tables which bring order lines.
row_counts as (

    select
        outcome,
        arrival_date,
        event_date,
        case when {{ of_control_total('order_lines') }} then amount end as amount
    from {{ ref('stg_ledger__row_counts') }}
    where outcome in ('duplicate', 'quarantined', 'blocked')

),

row_versions as (

    select
        arrival_date,
        event_date,
        superseded_rows,
        case when {{ of_control_total('order_lines') }} then superseded_amount end as superseded_amount
    from {{ ref('stg_ledger__row_versions') }}
    where superseded_rows > 0

),

booked as (

    {%- for part, leads_to in booked_parts %}
    select
        calendar_date,
        {{ loop.index }} as part_no,
        '{{ part }}' as part,
        '{{ leads_to }}' as leads_to,
        {{ part }}_amount as amount,
        amount_currency
    from days
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

left_out as (

    -- A row whose own day cannot be read is shown on the day it arrived.
    select
        outcome as part,
        coalesce(event_date, arrival_date) as calendar_date,
        amount
    from row_counts
    union all
    select
        'superseded' as part,
        coalesce(event_date, arrival_date) as calendar_date,
        superseded_amount as amount
    from row_versions

),

excluded as (

    select
        calendar_date,
        case part
            {%- for part in excluded_parts %}
            when '{{ part }}' then {{ booked_parts | length + loop.index }}
            {%- endfor %}
        end as part_no,
        part,
        'delivered' as leads_to,
        cast(coalesce(sum(amount), 0) as decimal(18, 4)) as amount,
        '{{ var("currency") }}' as amount_currency
    from left_out
    group by calendar_date, part

),

-- Orders that were never paid were delivered and are no sales. Control totals count the shop's own currency only, so
-- what was booked of other currencies is taken off again on the way to them.
beside as (

    select
        calendar_date,
        'unpaid' as part,
        cast(unpaid_amount + unpaid_terms_amount as decimal(18, 4)) as amount
    from days
    where unpaid_amount + unpaid_terms_amount != 0
    union all
    select
        ordered_date as calendar_date,
        'other_currencies' as part,
        cast(-sum(total_amount) as decimal(18, 4)) as amount
    from orders
    where total_amount is not null
    group by ordered_date

),

final as (

    select
        calendar_date,
        part_no,
        part,
        leads_to,
        amount,
        amount_currency
    from booked
    union all
    select
        calendar_date,
        case part
            {%- for part in beside_parts %}
            when '{{ part }}' then {{ booked_parts | length + excluded_parts | length + loop.index }}
            {%- endfor %}
        end as part_no,
        part,
        'delivered' as leads_to,
        amount,
        '{{ var("currency") }}' as amount_currency
    from beside
    union all
    select
        calendar_date,
        part_no,
        part,
        leads_to,
        amount,
        amount_currency
    from excluded

)

select * from final
