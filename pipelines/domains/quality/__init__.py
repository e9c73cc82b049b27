"""Quality: what arrived, what was set aside and why, and how days did against their checks. All of it is SQL so far.

Owns the marts `quality_rows_daily`, `quality_reasons_daily`, `quality_scorecard` and publishes
`rpt_quality_rows_daily`, `rpt_quality_reasons_daily`, `rpt_quality_scorecard` and, over the scores of every domain's
models, `rpt_quality_model_scores`. Does not belong here: the gate (pipelines.contracts); no Dagster, paths or clock.
"""
