{#- Fails unless an aggregate over the model equals, exactly, one over another relation. Two empty sums agree. -#}
{% test same_total(model, expression, other, other_expression) %}

with

here as (

    select coalesce({{ expression }}, 0) as total from {{ model }}

),

there as (

    select coalesce({{ other_expression }}, 0) as total from {{ other }}

)

select
    here.total as total_here,
    there.total as total_there
from here
cross join there
where here.total != there.total

{% endtest %}
