"""Dagster only: one module per Dagster concept, no business rule inside."""
