"""What arrived: files as Parquet, loading, versions of rows, rows held back and repaired."""
