"""The SQL of the page on inventory; see pipelines.reporting.readings for the form.

Frames, one row per (key), those of stock only of shops that count theirs:
- stock_days (location, date; '' = other locations): place by value, age, value, stockout_rate of the last 7 days;
  stock_totals (period, span): value at its end, stockout_rate; stock_outs (period, product_id, location_id): days
- stock_pairs (product_id, location_id): names, units_on_hand, units_available, coming, value, out_since, per_day,
  is_forecast, cover_days (null: nothing sells), excess_value beyond 91 days
- watch (product_id): description, name_local, last, previous, next, lower, upper, change; weeks (product_id,
  week 0..12): units

Does not belong here: which rows are shown (stock.py, products.py).
"""

from __future__ import annotations

from pipelines.reporting.readings import Query

# Six lines are told apart by colour; the locations with less stock go together. Names of series become parts of Vega's
# expressions, in which no line may end.
_STOCK_DAYS = r"""
    with newest as (
        select location_id, arg_max(stock_value_amount, calendar_date) as value
        from rpt_inventory_stock_daily where calendar_date <= $as_of group by location_id
    ),
    ranked as (select location_id, row_number() over (order by value desc, location_id) as place from newest),
    named as (
        select location_id, place, coalesce(location_name, location_id) as name,
            case when place <= 5 or (select count(*) from ranked) = 6
                then regexp_replace(name, '[\s\x{{2028}}\x{{2029}}]+', ' ', 'g') end as location
        from ranked left join (select location_id, location_name from dim_locations where is_current) as names
            using (location_id)
    ),
    days as (
        select location, min(place) as place, calendar_date as date, sum(stock_value_amount) as value,
            sum(stockout_minutes) as minutes, sum(1440 * n_products) as minutes_counted
        from rpt_inventory_stock_daily inner join named using (location_id)
        where calendar_date <= $as_of group by location, calendar_date
    )
    select coalesce(location, '') as location, place, date, date_diff('day', date, $as_of::date) as age,
        value::double as value,
        (sum(minutes) over week / nullif(sum(minutes_counted) over week, 0))::double as stockout_rate
    from days
    window week as (partition by location order by date range between interval 6 days preceding and current row)
    order by place, date
"""
# Value is that of the newest count of each location within the span.
_STOCK_TOTALS = """
    with locations as (
        select period, span, location_id, sum(stockout_minutes) as minutes, sum(1440 * n_products) as minutes_counted,
            arg_max(stock_value_amount, calendar_date) as value
        from {spans} inner join rpt_inventory_stock_daily on calendar_date between first_date and last_date
        group by all
    )
    select period, span, sum(value)::double as value,
        (sum(minutes) / nullif(sum(minutes_counted), 0))::double as stockout_rate
    from locations group by all order by period, span
"""
# Each pair of product and location as it was last counted; one that was not counted for a week, while others were, is
# no longer kept. What it sells a day: the published forecast of the next 28 days, else the sales of the last 28 over
# the days on which there was something to sell; a shelf that was empty for most of them would otherwise look like one
# that nobody wants. Pairs of discontinued products with an empty shelf are left out: nobody is to refill them.
_PAIRS = """
    with counted as (
        select product_id, location_id, snapshot_date, units_on_hand, units_available,
            units_on_order + units_in_transit as coming, stock_value_amount as value, stockout_minutes
        from fct_inventory_daily where snapshot_date <= $as_of
    ),
    history as (
        select product_id, location_id, max(snapshot_date) filter (where units_available > 0) + 1 as out_since,
            coalesce(sum(1 - stockout_minutes / 1440.0) filter (where snapshot_date > $as_of::date - 28), 0)
                as days_in_stock
        from counted group by all
    ),
    newest as (
        select * from counted
        qualify snapshot_date = max(snapshot_date) over (partition by product_id, location_id)
            and snapshot_date > max(snapshot_date) over (partition by location_id) - 7
    ),
    sold as (
        select product_id, location_id, sum(quantity) as units from fct_order_lines
        where line_type = 'sale' and item_type = 'product'
            and ordered_date between $as_of::date - 27 and $as_of::date
        group by all
    ),
    forecast as (
        select series_id, avg(mean) as expected from rpt_inventory_demand_forecast
        where series_kind = 'sku_location' and horizon_days <= 28 group by all
    ),
    products as (
        select product_id, coalesce(description, product_id) as description, {name_local} as name_local,
            coalesce({status}, '') as status
        from dim_products where is_current
    ),
    locations as (select location_id, location_name from dim_locations where is_current)
    select newest.product_id, newest.location_id, coalesce(description, newest.product_id) as description, name_local,
        coalesce(location_name, newest.location_id) as location, units_on_hand, units_available, coming,
        value::double as value, out_since, (expected is not null) as is_forecast,
        greatest(coalesce(expected, coalesce(units, 0) / greatest(days_in_stock, 1)), 0)::double as per_day,
        units_available / nullif(per_day, 0) as cover_days,
        value::double * greatest(1 - 91 * per_day / nullif(units_on_hand, 0), 0) as excess_value
    from newest
    inner join history using (product_id, location_id)
    left join sold using (product_id, location_id)
    left join forecast on forecast.series_id = newest.product_id || '@' || newest.location_id
    left join products using (product_id)
    left join locations using (location_id)
    where units_on_hand > 0 or coalesce(status, '') <> 'discontinued'
    order by newest.product_id, newest.location_id
"""
# The pairs of each period that were out of stock for longest, in days: more than are shown, since some are left out.
_OUTS = """
    select period, product_id, location_id, (sum(stockout_minutes) / 1440)::double as days
    from {periods} inner join fct_inventory_daily on snapshot_date between first_date and last_date
    group by period, product_id, location_id having sum(stockout_minutes) > 0
    qualify row_number() over (partition by period order by sum(stockout_minutes) desc, product_id, location_id) <= 40
    order by period, days desc, product_id, location_id
"""
_WATCH = """
    with names as (select product_id, {name_local} as name_local from dim_products where is_current)
    select product_id, coalesce(description, product_id) as description, name_local, units_last_28::double as last,
        units_previous_28::double as previous, forecast_28::double as next, {lower}::double as lower,
        {upper}::double as upper, forecast_28 / nullif(units_last_28, 0)::double - 1 as change
    from rpt_inventory_product_watch left join names using (product_id) order by product_id
"""
_WEEKS = """
    select product_id, (12 - date_diff('day', ordered_date, $as_of::date) // 7)::integer as week,
        sum(quantity)::double as units
    from fct_order_lines inner join rpt_inventory_product_watch using (product_id)
    where line_type = 'sale' and item_type = 'product'
        and ordered_date between $as_of::date - 90 and $as_of::date
    group by all order by product_id, week
"""
_STOCK = ("rpt_inventory_stock_daily", "dim_locations")
_COUNTS = ("fct_inventory_daily", "fct_order_lines", "dim_products", "dim_locations", "rpt_inventory_demand_forecast")
QUERIES = {
    "stock_days": Query(_STOCK, _STOCK_DAYS, is_extra=True),
    "stock_totals": Query(_STOCK, _STOCK_TOTALS, is_extra=True),
    "stock_pairs": Query(
        _COUNTS,
        _PAIRS,
        {"name_local": ("dim_products", "name_local"), "status": ("dim_products", "product_status")},
        is_extra=True,
    ),
    "stock_outs": Query(("fct_inventory_daily",), _OUTS, is_extra=True),
    "watch": Query(
        ("rpt_inventory_product_watch", "dim_products"),
        _WATCH,
        {
            "name_local": ("dim_products", "name_local"),
            "lower": ("rpt_inventory_product_watch", "forecast_28_lower"),
            "upper": ("rpt_inventory_product_watch", "forecast_28_upper"),
        },
    ),
    "weeks": Query(("rpt_inventory_product_watch", "fct_order_lines"), _WEEKS),
}
