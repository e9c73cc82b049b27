with

memberships as (

    select
        customer_id,
        as_of_date,
        segment,
        lag(segment) over (partition by customer_id order by as_of_date) as prev_segment
    from {{ source('ml', 'ml_customers__segment_memberships') }}

),

stays as (

    select
        customer_id,
        segment,
        as_of_date as valid_from,
        lead(as_of_date) over (partition by customer_id order by as_of_date) as valid_to
    from memberships
    where prev_segment is null or segment != prev_segment

),

final as (

    select
        customer_id,
        segment,
        valid_from,
        valid_to,
        valid_to is null as is_current
    from stays

)

select * from final
