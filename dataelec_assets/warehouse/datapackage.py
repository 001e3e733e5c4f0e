"""``datapackage.json``: what lies beside it, for programs (Frictionless Data Package, https://datapackage.org/standard/)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from dataelec_assets.catalog import Dataset
from dataelec_assets.warehouse.dictionary import ColumnDoc, TableDoc

# SQL types to those of the Table Schema; what is not here is any.
_TYPES = {
    "varchar": "string",
    "boolean": "boolean",
    "integer": "integer",
    "bigint": "integer",
    "smallint": "integer",
    "double": "number",
    "date": "date",
    "timestamp with time zone": "datetime",
}

# Identifiers of the Open Definition (https://licenses.opendefinition.org).
_LICENCES = {
    "Licence Ouverte v2.0 (Etalab)": "etalab-2.0",
    "CC BY 4.0": "CC-BY-4.0",
    "CC BY-SA 4.0 (base de données : ODbL)": "CC-BY-SA-4.0",
    "ODbL 1.0": "ODbL-1.0",
}


def data_package(
    folder: Path,
    publication: tuple[str, datetime],
    tables: Iterable[TableDoc],
    rows: Mapping[str, int],
    datasets: Sequence[Dataset],
) -> dict[str, Any]:
    """Return the description of the Parquet files of a folder.

    Args:
        folder: where ``<table>.parquet`` lies for each table.
        publication: id of what they are, and when that was first served (UTC).
        tables: the dictionary.
        rows: number of rows of each table.
        datasets: the sources.
    """
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "dataelec",
        "id": publication[0],
        "title": "DataElec : électricité, gaz, météo et territoires français",
        "created": publication[1].isoformat(),
        "licenses": [
            # The standard requires an identifier of the Open Definition, or else the page with the terms.
            {"title": licence, **({"name": _LICENCES[licence]} if licence in _LICENCES else {"path": page})}
            for licence, page in sorted({dataset.licence: dataset.page for dataset in datasets}.items())
        ],
        "sources": [
            {"title": f"{dataset.title} ({dataset.publisher})", "path": dataset.page, "licence": dataset.licence}
            for dataset in datasets
        ],
        "resources": [
            _resource(folder / f"{table.name}.parquet", table, rows[table.name])
            for table in tables
            if table.name in rows
        ],
    }


def _resource(path: Path, table: TableDoc, rows: int) -> dict[str, Any]:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {
        "name": table.name,
        "path": path.name,
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{digest}",
        "rows": rows,
        "description": table.description,
        "warnings": [{"column": column, "text": text} for column, text in table.warnings],
        "schema": {
            "fields": [_field(column) for column in table.columns],
            **({"primaryKey": list(table.key)} if table.key else {}),
        },
    }


def _field(column: ColumnDoc) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": _TYPES.get(column.type.lower(), "any"),
        "description": column.description,
        **({"unit": column.unit} if column.unit else {}),
    }
