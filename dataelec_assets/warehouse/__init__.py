"""The dbt project as seen from Python: sources, builds, publication."""
