{%- set attributes = [
    'country', 'city', 'registered_at', 'gender', 'birth_decade', 'acquisition_channel', 'accepts_marketing',
    'allows_personalisation',
] -%}

{{ config(enabled=has_entities('customers', 'orders', 'order_lines')) }}

with

statements as (

    {{ union_sources('customers') }}

),

versions as (

    {{ versions_of('statements', 'customer_id', attributes) }}

),

first_orders as (

    select * from {{ ref('fct_orders_lifecycle') }}
    where is_first

),

final as (

    select
        versions.customer_id,
        versions.source_system,
        versions.country,
        first_orders.ordered_at as first_order_at,
        first_orders.ordered_date as first_order_date,
        versions.stated_date as valid_from,
        versions.next_stated_date as valid_to,
        versions.next_stated_date is null as is_current,
        {%- for attribute in attributes[1:] %}
        versions.{{ attribute }},
        {%- endfor %}
        versions.contract_version,
        versions.batch_id
    from versions
    left join first_orders on versions.customer_id = first_orders.customer_id

)

select * from final
