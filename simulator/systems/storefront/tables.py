"""The storefront: what its files look like. CSV, in times local to the shop.

Does not belong here: how rows come about (rows.py), what is wrong with them (plants.py).
"""

from __future__ import annotations

from simulator.system import Form, System

FORM = Form("storefront", "csv", of_first_release=True)
SYSTEM = System(
    FORM,
    (
        FORM.table(
            "customers",
            "customer_id updated_at registered_at full_name email phone gender birth_year country city "
            "acquisition_channel accepts_marketing allows_personalisation",
            key="customer_id updated_at",
            event="updated_at",
            order="updated_at, customer_id",
            text="full_name",
        ),
        FORM.table(
            "products",
            "sku updated_at spu name name_en brand category_l1 category_l2 unit_cost pack_size is_eco launched_on "
            "status",
            key="sku updated_at",
            event="updated_at",
            order="sku",
            text="name name_en",
            is_spared=True,
        ),
        FORM.table(
            "promotions",
            "promotion_id updated_at name kind discount_rate category_l1 starts_on ends_on",
            key="promotion_id",
            event="updated_at",
            order="promotion_id",
            is_spared=True,
        ),
        FORM.table(
            "prices",
            "sku price_date list_price sale_price currency promotion_id",
            key="sku price_date",
            event="price_date",
            order="sku",
        ),
        FORM.table(
            "fx_rates",
            "currency rate_date rate",
            key="currency rate_date",
            event="rate_date",
            order="currency",
            is_spared=True,
        ),
        FORM.table(
            "orders",
            "order_id updated_at ordered_at status paid_at customer_id guest_email country city sales_channel "
            "currency goods_amount discount_amount shipping_fee total_amount",
            key="order_id",
            event="ordered_at",
            order="updated_at, order_id",
        ),
        FORM.table(
            "order_lines",
            "order_id line_no ordered_at sku location_id quantity unit_list_price discount_amount unit_cost "
            "currency promotion_id",
            key="order_id line_no",
            event="ordered_at",
            order="order_id, line_no",
            parent=("order_id", "orders"),
        ),
        FORM.table(
            "payments",
            "payment_id order_id paid_at method amount fee_amount currency",
            key="payment_id",
            event="paid_at",
            order="payment_id",
            parent=("order_id", "orders"),
        ),
        FORM.table(
            "refunds",
            "refund_id order_id line_no sku quantity amount unit_cost currency refunded_at reason is_restocked",
            key="refund_id",
            event="refunded_at",
            order="refund_id",
            parent=("order_id", "orders"),
        ),
    ),
    causes_orders=True,
)
