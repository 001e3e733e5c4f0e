"""``datapackage.json``: what lies beside it, for programs (Frictionless Data Package, https://datapackage.org/standard/)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from dataelec_assets.catalog import Dataset
from dataelec_assets.warehouse.dictionary import ColumnDoc, TableDoc
from dataelec_assets.warehouse.parquet_tables import Table
from dataelec_assets.warehouse.semantics import relations, rules

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
    publication: tuple[str, datetime],
    descriptions: Mapping[str, Mapping[str, Any]],
    tables: Mapping[str, Table],
    datasets: Sequence[Dataset],
) -> dict[str, Any]:
    """Return the description of the Parquet files of a folder.

    Args:
        publication: id of what they are, and when that was first served (UTC).
        descriptions: as :func:`described` returns them.
        tables: the files, by table; one that is not described is left out.
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
            # What users import has the terms of its owners, and no page.
            for licence, page in sorted(
                {each.licence: each.page for each in datasets if not each.info.is_local}.items()
            )
        ],
        "sources": [
            {
                "title": f"{each.title} ({each.publisher})",
                **({} if each.info.is_local else {"path": each.page}),
                "licence": each.licence,
            }
            for each in datasets
        ],
        "resources": [
            {**_files(tables[name]), **about, "name": name} for name, about in descriptions.items() if name in tables
        ],
    }


def described(tables: Iterable[TableDoc]) -> dict[str, dict[str, Any]]:
    """Return what the data package says of each table whatever it holds: words, columns, keys."""
    tables = list(tables)
    keys: dict[str, list[dict[str, Any]]] = {}
    for each in relations(tables, rules()):
        reference = {"resource": each.to_table, "fields": [each.to_column]}
        keys.setdefault(each.table, []).append({"fields": [each.column], "reference": reference})
    return {
        table.name: {
            "description": table.description,
            "warnings": [{"column": column, "text": text} for column, text in table.warnings],
            "schema": {
                "fields": [_field(column) for column in table.columns],
                **({"primaryKey": list(table.key)} if table.key else {}),
                **({"foreignKeys": keys[table.name]} if table.name in keys else {}),
            },
        }
        for table in tables
    }


def _files(table: Table) -> dict[str, Any]:
    """Return what is said of the files of a table; several are one resource of several paths."""
    parts = [table.parts[month] for month in sorted(table.parts)]
    found: dict[str, Any] = {
        "format": "parquet",
        "mediatype": "application/vnd.apache.parquet",
        "bytes": sum(part.bytes for part in parts),
        "rows": table.rows,
    }
    if len(parts) == 1:
        return {**found, "path": parts[0].file, "hash": f"sha256:{parts[0].sha256}"}
    # The standard has no checksums for the files of a resource of several paths.
    files = [
        {"path": part.file, "bytes": part.bytes, "rows": part.rows, "hash": f"sha256:{part.sha256}"} for part in parts
    ]
    return {**found, "path": [part.file for part in parts], "files": files}


def _field(column: ColumnDoc) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": _TYPES.get(column.type.lower(), "any"),
        "description": column.description,
        **({"unit": column.unit} if column.unit else {}),
    }
