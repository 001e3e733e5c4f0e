"""Publications as Iceberg tables."""
