"""The storefront: accounts, catalogue, prices, orders, payments, refunds."""
