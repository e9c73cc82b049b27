{#-
    Whether the shop's sources bring all the named canonical entities. A model that stands on entities, itself or through
    its parents, is switched on by it: a shop has the models whose entities it has.
-#}
{% macro has_entities() -%}
    {{ return(varargs | reject('in', var('entities')) | list | length == 0) }}
{%- endmacro %}
