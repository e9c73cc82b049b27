with

final as (

    select
        as_of_date,
        n_customers,
        revenue_to_date
    from {{ ref('revenue_weekly') }}

)

select * from final
