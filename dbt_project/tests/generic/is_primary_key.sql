{#- Fails with every value of the key that is null in part or stands more than once: one scan for all its columns. -#}
{% test is_primary_key(model, columns) %}

select
    count(*) as n_rows,
    {{ columns | join(', ') }}
from {{ model }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    or {{ columns | join(' is null or ') }} is null

{% endtest %}
