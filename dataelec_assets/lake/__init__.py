"""Where bytes live: raw vintages with their manifests, Parquet copies, atomic writes. No network, no Dagster."""
