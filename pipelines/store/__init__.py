"""DuckDB: the one writer, the ledger of deliveries and dirty days, loading, digests, publication."""
