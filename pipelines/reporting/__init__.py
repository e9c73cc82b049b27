"""Reporting: charts and the report, drawn from a published version alone. No Dagster, no clock."""
