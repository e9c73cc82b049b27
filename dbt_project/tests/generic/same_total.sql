{#-
    Fails unless an aggregate over the model equals, exactly, one over another relation. Two empty sums agree. With a
    `control_entity` the other one is of the ledger's accounts, and only the raw tables count there whose control totals
    are money of that entity.
-#}
{% test same_total(model, expression, other, other_expression, control_entity=none) %}

with

here as (

    select coalesce({{ expression }}, 0) as total from {{ model }}

),

there as (

    select coalesce({{ other_expression }}, 0) as total
    from {{ other }}
    where {{ of_control_total(control_entity) if control_entity else 'true' }}

)

select
    here.total as total_here,
    there.total as total_there
from here
cross join there
where here.total != there.total

{% endtest %}
