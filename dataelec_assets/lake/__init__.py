"""The files of a lake: raw vintages with their manifests, Parquet copies, atomic writes. No network, no Dagster."""
