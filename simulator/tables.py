"""The tables that the systems drop: their columns, keys and parents. The interface to whoever reads the drops.

Does not belong here: how rows come about (storefront.py, warehouse.py) and dirt (dirt/).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """One table of a source system.

    columns: as in the file, in order. key: of a row. event: the column that says when it happened. order: SQL by which
    the rows of a day stand in the file. parent: (column, table) that a row waits for. text: columns that may hold a
    comma or a quotation mark.
    """

    source: str
    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    event: str
    order: str
    parent: tuple[str, str] | None = None
    text: frozenset[str] = frozenset()

    @property
    def suffix(self) -> str:
        """How its files end."""
        return "csv" if self.source == "storefront" else "parquet"


def _table(
    source: str,
    name: str,
    columns: str,
    key: str,
    event: str,
    order: str,
    parent: tuple[str, str] | None = None,
    text: str = "",
) -> Table:
    return Table(
        source, name, tuple(columns.split()), tuple(key.split()), event, order, parent, frozenset(text.split())
    )


TABLES = (
    _table(
        "storefront",
        "customers",
        "customer_id updated_at registered_at full_name email phone gender birth_year country city acquisition_channel "
        "accepts_marketing allows_personalisation",
        "customer_id updated_at",
        "updated_at",
        "updated_at, customer_id",
        text="full_name",
    ),
    _table(
        "storefront",
        "products",
        "sku updated_at spu name name_en brand category_l1 category_l2 unit_cost pack_size is_eco launched_on status",
        "sku updated_at",
        "updated_at",
        "sku",
        text="name name_en",
    ),
    _table(
        "storefront",
        "promotions",
        "promotion_id updated_at name kind discount_rate category_l1 starts_on ends_on",
        "promotion_id",
        "updated_at",
        "promotion_id",
    ),
    _table(
        "storefront",
        "prices",
        "sku price_date list_price sale_price currency promotion_id",
        "sku price_date",
        "price_date",
        "sku",
    ),
    _table("storefront", "fx_rates", "currency rate_date rate", "currency rate_date", "rate_date", "currency"),
    _table(
        "storefront",
        "orders",
        "order_id updated_at ordered_at status paid_at customer_id guest_email country city sales_channel currency "
        "goods_amount discount_amount shipping_fee total_amount",
        "order_id",
        "ordered_at",
        "updated_at, order_id",
    ),
    _table(
        "storefront",
        "order_lines",
        "order_id line_no ordered_at sku location_id quantity unit_list_price discount_amount unit_cost currency "
        "promotion_id",
        "order_id line_no",
        "ordered_at",
        "order_id, line_no",
        ("order_id", "orders"),
    ),
    _table(
        "storefront",
        "payments",
        "payment_id order_id paid_at method amount fee_amount currency",
        "payment_id",
        "paid_at",
        "payment_id",
        ("order_id", "orders"),
    ),
    _table(
        "storefront",
        "refunds",
        "refund_id order_id line_no sku quantity amount unit_cost currency refunded_at reason is_restocked",
        "refund_id",
        "refunded_at",
        "refund_id",
        ("order_id", "orders"),
    ),
    _table(
        "warehouse",
        "locations",
        "location_id updated_at name city latitude longitude capacity_units",
        "location_id",
        "updated_at",
        "location_id",
    ),
    _table(
        "warehouse",
        "inventory_snapshots",
        "sku location_id snapshot_date on_hand reserved available on_order in_transit damaged stockout_minutes "
        "unit_cost",
        "sku location_id snapshot_date",
        "snapshot_date",
        "sku, location_id",
    ),
    _table(
        "warehouse",
        "movements",
        "movement_id moved_at sku location_id movement_type quantity reference_id",
        "movement_id",
        "moved_at",
        "movement_id",
    ),
    _table(
        "warehouse",
        "shipments",
        "shipment_id updated_at order_id location_id carrier created_at promised_at handed_over_at delivered_at status "
        "shipping_cost",
        "shipment_id",
        "created_at",
        "updated_at, shipment_id",
    ),
    _table(
        "warehouse",
        "stage_times",
        "shipment_id stage entered_at left_at",
        "shipment_id stage",
        "entered_at",
        "left_at, shipment_id, stage",
        ("shipment_id", "shipments"),
    ),
)
BY_NAME = {table.name: table for table in TABLES}
