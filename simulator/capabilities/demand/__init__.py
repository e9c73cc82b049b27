"""Demand: what was asked for, and what is forecast."""
