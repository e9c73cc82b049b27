{#-
    Fails where the versions of one entity leave a gap, overlap or are empty, or where not exactly the last is current.
    Columns: `entity_id`, valid_from, valid_to, is_current.
-#}
{% test versions_follow_each_other(model, entity_id) %}

with

versions as (

    select
        {{ entity_id }},
        valid_from,
        valid_to,
        is_current,
        lead(valid_from) over (partition by {{ entity_id }} order by valid_from) as next_valid_from
    from {{ model }}

)

select *
from versions
where
    valid_to is distinct from next_valid_from
    or valid_from >= valid_to
    or is_current != (next_valid_from is null)

{% endtest %}
