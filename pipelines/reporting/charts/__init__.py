"""Charts: functions from frames and a Language to an Altair chart, for the report and for any app.

Belongs here: what is drawn and how. Does not belong here: reading, HTML, the choice of a period (charts that follow one
have the parameters `days`, `period` or `country`, which a page or an app sets).
Every chart takes the width of its container, carries a description for screen readers, and writes no English word that
does not come from the Language.
"""

from __future__ import annotations

from pipelines.reporting.charts.customers import alive_histogram, cohort_heatmap, segment_shares, value_tenths
from pipelines.reporting.charts.forecasts import model_scores, product_watch, promised_and_came
from pipelines.reporting.charts.lines import rate_lines
from pipelines.reporting.charts.money import money_bridge, revenue_forecast
from pipelines.reporting.charts.quality import rows_set_aside
from pipelines.reporting.charts.scorecard import scorecard_strips
from pipelines.reporting.charts.stock import longest_out, stock_values

__all__ = [
    "alive_histogram",
    "cohort_heatmap",
    "longest_out",
    "model_scores",
    "money_bridge",
    "product_watch",
    "promised_and_came",
    "rate_lines",
    "revenue_forecast",
    "rows_set_aside",
    "scorecard_strips",
    "segment_shares",
    "stock_values",
    "value_tenths",
]
