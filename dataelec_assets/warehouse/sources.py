"""Writes dbt's sources from the catalogue, so that a schema is declared in one place only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

from dataelec_assets.catalog import Dataset
from dataelec_assets.lake.contract_sql import SQL_TYPES

HEADER = "# Generated from dataelec_assets/catalog by `make generate`: edit the catalogue, not this file.\n"


def sources_yaml(datasets: Iterable[Dataset], portal: str) -> str:
    """Return the text of ``_<portal>__sources.yml``: one table per data set, columns with type, unit and meaning."""
    tables = [_table(dataset) for dataset in datasets if dataset.portal == portal]
    content = {"version": 2, "sources": [{"name": portal, "schema": portal, "tables": tables}]}
    return HEADER + yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)


def _table(dataset: Dataset) -> dict[str, Any]:
    # Relative to `file_search_path` of the profile: no view, compiled file or manifest carries the path of a machine.
    location = f"read_parquet('{dataset.table}/*/*.parquet', hive_partitioning = true, hive_types_autocast = false)"
    description = f"{dataset.title} ({dataset.publisher}). Grain : {', '.join(dataset.key) or 'sans clé'}."
    return {
        "name": dataset.table,
        "description": f"{description} {dataset.warning}" if dataset.warning else description,
        "config": {
            "meta": {"dataset_id": dataset.id, "licence": dataset.licence, "external_location": location},
        },
        "columns": [
            {
                "name": column.name,
                "data_type": SQL_TYPES[column.type].lower(),
                "description": column.description + (f" ({column.unit})" if column.unit else ""),
            }
            for column in dataset.columns
        ],
    }
