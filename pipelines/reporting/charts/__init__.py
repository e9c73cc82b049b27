"""What charts are made of: looks, axes, number formats, and the charts that pages of several domains draw.

Belongs here: what two domains draw alike. Does not belong here: a chart of one domain (its report/charts.py).
A chart is a function from frames and a Language to an Altair chart, for the report and for any app: it takes the width
of its container, carries a description for screen readers, and writes no word that does not come from the Language.
One that follows the filters has the parameters `days`, `period` or `country`, which a page or an app sets.
"""
