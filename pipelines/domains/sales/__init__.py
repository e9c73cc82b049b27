"""Sales: what the shop sold, day by day, and what stayed of it. So far all of it is SQL, and nothing is stated.

Owns the marts `kpi_daily`, `margin_daily`, `revenue_bridge` and publishes `rpt_sales_kpi_daily`,
`rpt_sales_revenue_bridge`, `rpt_sales_margin_daily`, `rpt_sales_margin_bridge`. Pure functions belong here when an
estimate does; no Dagster, no paths, no clock.
"""
