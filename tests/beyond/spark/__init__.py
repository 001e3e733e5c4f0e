"""The models on Spark, compared with DuckDB."""
