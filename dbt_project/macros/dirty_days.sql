{#-
    Day replacement: which days a model has to replace, how it reads them, how it deletes them, how it settles them.
    The marking itself is done in Python when raw rows are committed (pipelines.store.days.dirty_days).
-#}

{#-
    The filter of a day-replaced model on a day column of what it reads: `true` when the whole table is built.
    `from_first_dirty_day` models also read the days after their newest one: a snapshot day can come with no row of its
    own (the shop was closed), and then nothing marks it.
-#}
{% macro on_dirty_days(column) -%}
    {%- if not is_incremental() -%}
        true
    {%- elif rebuilds_from_first_dirty_day() -%}
        (
            {{ is_dirty_day(column) }}
            or {{ column }} > (select coalesce(max({{ config.get('meta')['day'] }}), date '1900-01-01') from {{ this }})
        )
    {%- else -%}
        {{ is_dirty_day(column) }}
    {%- endif -%}
{%- endmacro %}


{% macro rebuilds_from_first_dirty_day() -%}
    {{ return(config.get('meta', {}).get('rebuild') == 'from_first_dirty_day') }}
{%- endmacro %}


{#-
    Is the day in `column` one that this model has to replace? First and last day are also written out as constants:
    these reach the raw rows through a view's `group by`, which a subquery does not (measured: 0.01 s, not 0.1 s, for
    one day of orders in half a million lines, and the difference grows with the table).
-#}
{% macro is_dirty_day(column) -%}
    {%- set first_day, last_day = queued_work()['days'] -%}
    {%- if first_day is none -%}
        false
    {%- elif rebuilds_from_first_dirty_day() -%}
        {{ column }} >= date '{{ first_day }}'
    {%- else -%}
        {{ column }} between date '{{ first_day }}' and date '{{ last_day }}'
        and {{ column }} in (select event_date from ledger.dirty_days where table_name = '{{ this.identifier }}')
    {%- endif -%}
{%- endmacro %}


{#-
    What the ledger has queued for this model, `rebuild` (throughout) and `days` (first, last; none when no day is): asked
    once while dbt compiles the model and once while it runs it, as nothing else changes it in between.
-#}
{% macro queued_work() -%}
    {%- if 'queued_work' not in model -%}
        {%- set found = run_query(
            "select min(event_date), max(event_date), (select count(*) from ledger.dirty_tables where table_name = '"
            ~ this.identifier ~ "') from ledger.dirty_days where table_name = '" ~ this.identifier ~ "'"
        ).rows[0] -%}
        {%- do model.update({'queued_work': {'days': (found[0], found[1]), 'rebuild': found[2] > 0}}) -%}
    {%- endif -%}
    {{ return(model['queued_work']) }}
{%- endmacro %}


{#-
    The incremental strategy `replace_days`: delete EVERY dirty day, then insert. dbt's `delete+insert` clears only the
    days present among the new rows: an order that moved to another day would stand twice.
-#}
{% macro get_incremental_replace_days_sql(arg_dict) %}
    {{ return(adapter.dispatch('get_incremental_replace_days_sql')(arg_dict)) }}
{% endmacro %}


{% macro default__get_incremental_replace_days_sql(arg_dict) %}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {%- set day = config.get('meta')['day'] -%}
    {#- What is replaced is written down day by day: late data must be seen to touch its own days and no other. -#}
    insert into ledger.replaced_days
    select
        '{{ this.identifier }}', event_date, cast(sum(rows_deleted) as bigint), cast(sum(rows_inserted) as bigint),
        '{{ invocation_id }}'
    from (
        select {{ day }} as event_date, count(*) as rows_deleted, 0 as rows_inserted
        from {{ arg_dict['target_relation'] }} where {{ is_dirty_day(day) }} group by {{ day }}
        union all
        select {{ day }}, 0, count(*) from {{ arg_dict['temp_relation'] }} group by {{ day }}
    ) as counted
    group by event_date;

    {{ note_replaced_days() }}

    delete from {{ arg_dict['target_relation'] }}
    where {{ is_dirty_day(day) }};

    insert into {{ arg_dict['target_relation'] }} ({{ columns }})
    select {{ columns }}
    from {{ arg_dict['temp_relation'] }};
{% endmacro %}


{#-
    What a table holds that no published version has yet (pipelines.store.published.changes), queued in the model's own
    transaction: the days that were replaced, or, before a build of the whole table, the table throughout (a null day).
-#}
{% macro note_replaced_days() -%}
    insert into ledger.unpublished_changes
    select distinct table_name, event_date
    from ledger.replaced_days
    where table_name = '{{ this.identifier }}' and invocation_id = '{{ invocation_id }}';
{%- endmacro %}


{% macro note_rebuild() -%}
    {%- if not is_incremental() -%}
        insert into ledger.unpublished_changes values ('{{ this.identifier }}', null)
    {%- endif -%}
{%- endmacro %}


{#- Post-hooks of every table, in the model's own transaction: what it has replaced is no longer dirty. -#}
{% macro settle_dirty_days() -%}
    delete from ledger.dirty_days where table_name = '{{ this.identifier }}'
{%- endmacro %}


{% macro settle_dirty_table() -%}
    delete from ledger.dirty_tables where table_name = '{{ this.identifier }}'
{%- endmacro %}
