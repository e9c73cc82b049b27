"""Sales: what the shop took and what is left of it.

The domain has no model of its own; its page of the report lies here.
"""
