{#-
    Replaces dbt's own macro of this name: besides --full-refresh and the model's own setting, a model whose code
    changed (the ledger names it in `dirty_tables`) is built anew throughout. `is_incremental()` asks here too, so the
    model's filters and its materialization always agree.
-#}
{% macro should_full_refresh() %}
    {%- set asked = config.get('full_refresh') -%}
    {%- if asked is none -%}
        {%- set asked = flags.FULL_REFRESH -%}
    {%- endif -%}
    {%- if asked or not execute or model.resource_type != 'model' -%}
        {{ return(asked) }}
    {%- endif -%}
    {{ return(queued_work()['rebuild']) }}
{% endmacro %}
