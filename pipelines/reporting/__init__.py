"""Reporting: the frame of the report: its pages, theme and language, what sections and charts are made of.

Does not belong here: what a page says, which is the `report/` of its domain (pipelines.domains.<domain>.report). The
frame imports no domain: it is handed their pages. No Dagster, no clock.
"""
