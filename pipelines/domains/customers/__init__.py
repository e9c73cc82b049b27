"""Customers: pure functions for segments and lifetime value. No Dagster, no paths, no clock."""
