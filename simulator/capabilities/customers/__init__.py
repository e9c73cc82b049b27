"""Customers: what is found of the types that they were made of."""
