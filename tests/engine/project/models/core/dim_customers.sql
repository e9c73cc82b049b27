with

final as (

    select
        customer_id,
        min(ordered_date) as first_ordered_date,
        count(*) as n_orders
    from {{ ref('fct_orders_lifecycle') }}
    group by customer_id

)

select * from final
