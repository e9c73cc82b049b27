{{ config(enabled=has_entities('promotions')) }}

with

statements as (

    {{ union_sources('promotions') }}

),

versions as (

    {{ versions_of('statements', 'promotion_id', [
        'promotion_name', 'promotion_kind', 'discount_rate', 'category_l1', 'start_date', 'end_date',
    ]) }}

),

final as (

    select
        promotion_id,
        source_system,
        promotion_name,
        promotion_kind,
        discount_rate,
        category_l1,
        start_date,
        end_date,
        stated_date as valid_from,
        next_stated_date as valid_to,
        next_stated_date is null as is_current,
        contract_version,
        batch_id
    from versions

)

select * from final
