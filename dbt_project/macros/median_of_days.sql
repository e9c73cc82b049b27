{#-
    Medians over the last `n_days` accepted days before a day. `days`: a relation with `is_accepted`, the columns `keys`
    and, in `day_no`, how many accepted days of the same keys came before the row. Gives a row per `keys` and `day_no`
    that has an accepted day before it, with `median_<measure>` of each of the `measures`, as a double.
    A median over a window with a frame is DuckDB's alone. Accepted days are numbered 0, 1, 2 ... without a gap, so the
    day numbered b is one of the last n before every number from b + 1 to b + n: a join with n steps, whose cost grows
    with the days, not with their square.
-#}
{% macro median_of_days(days, keys, day_no, n_days, measures) -%}
    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        {{ day_no }},
        {%- for measure in measures %}
        median({{ measure }}) as median_{{ measure }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from (
        select
            {%- for key in keys %}
            days.{{ key }},
            {%- endfor %}
            days.{{ day_no }} + steps.step as {{ day_no }},
            {%- for measure in measures %}
            cast(days.{{ measure }} as double) as {{ measure }}
            {%- if not loop.last %},{% endif %}
            {%- endfor %}
        from {{ days }} as days
        cross join (
            {%- for step in range(1, n_days + 1) %}
            select {{ step }} as step
            {%- if not loop.last %} union all{% endif %}
            {%- endfor %}
        ) as steps
        where days.is_accepted
    ) as seen
    group by {{ keys | join(', ') }}, {{ day_no }}
{%- endmacro %}
