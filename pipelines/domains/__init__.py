"""A folder per domain: what it computes (pure functions), what it states (`statements`), what a shop may set
(`settings.py`). Domains are found by their folders, know `pipelines.modeling` alone, and meet through tables.
"""
