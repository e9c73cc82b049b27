"""Segments that are the planted types, and such that are dealt out or miss a buyer of ten."""

from __future__ import annotations

from tests.simulator.faults import Fault

SOUND = {"rpt_customers_segment_memberships": "select customer_id, type as segment from customer_types"}
FAULTS = {
    "one buyer of ten has no segment": Fault(
        published="delete from rpt_customers_segment_memberships where hash(customer_id) % 10 = 0"
    ),
    "segments are dealt out": Fault(
        published="update rpt_customers_segment_memberships set segment = (hash(customer_id) % 5)::varchar"
    ),
}
