"""Writes dbt's sources from the catalogue, so that a schema is declared in one place only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import yaml

from dataelec_assets.catalog import FAIL_AFTER, WARN_AFTER, Dataset
from dataelec_assets.lake.contract_sql import SQL_TYPES

HEADER = "# Generated from dataelec_assets/catalog by `make generate`: edit the catalogue, not this file.\n"


def sources_yaml(datasets: Iterable[Dataset], portal: str) -> str:
    """Return the text of ``_<portal>__sources.yml``: one table per data set, columns with type, unit and meaning."""
    tables = [_table(dataset) for dataset in datasets if dataset.portal == portal]
    content = {"version": 2, "sources": [{"name": portal, "schema": portal, "tables": tables}]}
    return HEADER + yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)


def _table(dataset: Dataset) -> dict[str, Any]:
    description = f"{dataset.title} ({dataset.publisher}). Grain : {', '.join(dataset.key) or 'sans clé'}."
    return {
        "name": dataset.table,
        "description": f"{description} {dataset.warning}" if dataset.warning else description,
        "config": {
            "meta": {"dataset_id": dataset.id, "licence": dataset.licence},
            **_freshness(dataset),
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


def _freshness(dataset: Dataset) -> dict[str, Any]:
    """Return how `dbt source freshness` tells the age of the newest measured value; nothing where it cannot age.

    A row without a measure (the forecast of tomorrow) does not count. A year counts from its end.
    """
    on = dataset.time_column
    if on is None or dataset.withdrawn or dataset.history_end is not None:
        return {}
    forms = {"int": "make_timestamp({} + 1, 1, 1, 0, 0, 0)", "date": "cast({} as timestamp)"}
    measured = dataset.fingerprint[0] if dataset.fingerprint else on
    return {
        "loaded_at_field": forms.get(dataset.column(on).type, "{}").format(on),
        "freshness": {
            "warn_after": _span(WARN_AFTER * dataset.expected_lag),
            "error_after": _span(FAIL_AFTER * dataset.expected_lag),
            "filter": f"{measured} is not null",
        },
    }


def _span(lag: timedelta) -> dict[str, Any]:
    """Return a span as dbt writes it, in whole days or hours."""
    hours = round(lag / timedelta(hours=1))
    return {"count": hours // 24, "period": "day"} if hours % 24 == 0 else {"count": hours, "period": "hour"}
