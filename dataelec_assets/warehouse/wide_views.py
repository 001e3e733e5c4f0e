"""The views ``v_…`` of the schema ``vues``: a table with names beside its codes, and whole periods only.

``dbt/semantic.yml`` declares them. They read the served tables of the same file, so they open wherever it does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb

from dataelec_assets.database import literal

SCHEMA = "vues"

# Territories of every grain under one key: what (maille, code_territoire) points to.
_TERRITORIES = (
    "SELECT 'nation' AS maille, 'FR' AS code_territoire, 'France' AS nom_territoire "
    "UNION ALL SELECT 'metropole', 'FM', 'France métropolitaine' "
    "UNION ALL SELECT 'region', code_region, nom_region FROM main.dim_region "
    "UNION ALL SELECT 'departement', code_departement, nom_departement FROM main.dim_departement "
    "UNION ALL SELECT 'epci', code_epci, nom_epci FROM main.dim_epci "
    "UNION ALL SELECT 'commune', code_commune, nom_commune FROM main.dim_commune"
)


@dataclass(frozen=True, slots=True)
class View:
    """A view: its query, what a row is, and what each column is, in French."""

    name: str
    select: str
    description: str
    columns: Mapping[str, str | None]


def views(served: Mapping[str, Mapping[str, str | None]], said: Mapping[str, Any]) -> tuple[View, ...]:
    """Return the views of the tables that are there, the one that the others join first.

    Args:
        served: what the columns of each table are, in French: table, column, comment.
        said: as :func:`.semantics.rules` returns it.
    """
    territories = View(
        "v_territoire",
        _TERRITORIES,
        "Les territoires de toutes les mailles, avec leur nom.",
        {"maille": "Maille", "code_territoire": "Code du territoire", "nom_territoire": "Nom du territoire"},
    )
    if not {"dim_region", "dim_departement", "dim_epci", "dim_commune"} <= served.keys():
        return ()
    return territories, *(
        _view(name, about, served, said) for name, about in said["vues"].items() if about["table"] in served
    )


def _view(
    name: str, about: Mapping[str, Any], served: Mapping[str, Mapping[str, str | None]], said: Mapping[str, Any]
) -> View:
    table = about["table"]
    own, select, joins, columns = served[table], [], [], dict[str, str | None]()
    for column, comment in own.items():
        select.append(f"t.{column}")
        columns[column] = comment
        target, _, key = said["relations"].get(column, "").partition(".")
        label = said["noms"].get(target, "")
        named = label if label.startswith("nom_") else f"nom_{column.removeprefix('code_')}"
        if label and target != table and named not in own:
            joins.append(f"LEFT JOIN main.{target} AS de_{column} ON t.{column} = de_{column}.{key}")
            select.append(f"de_{column}.{label} AS {named}")
            columns[named] = served[target][label]
        if column == "code_territoire" and "maille" in own and "nom_territoire" not in own:
            joins.append(
                f"LEFT JOIN {SCHEMA}.v_territoire AS lieu ON t.maille = lieu.maille "
                "AND t.code_territoire = lieu.code_territoire"
            )
            select.append("lieu.nom_territoire")
            columns["nom_territoire"] = "Nom du territoire"
    query = " ".join([f"SELECT {', '.join(select)} FROM main.{table} AS t", *joins, f"WHERE {about['filtre']}"])
    return View(name, query, about["description"], columns)


def create_wide_views(connection: duckdb.DuckDBPyConnection, said: Mapping[str, Any]) -> None:
    """Create the views in a served file, with the comments of the columns that they show.

    Args:
        connection: on the file, whose tables are in the schema ``main``.
        said: as :func:`.semantics.rules` returns it.
    """
    served: dict[str, dict[str, str | None]] = {}
    for table, column, comment in connection.execute(
        "SELECT table_name, column_name, comment FROM duckdb_columns() "
        "WHERE database_name = current_database() AND schema_name = 'main' ORDER BY table_oid, column_index"
    ).fetchall():
        served.setdefault(table, {})[column] = comment
    statements = [f"CREATE SCHEMA {SCHEMA}"]
    for view in views(served, said):
        name = f"{SCHEMA}.{view.name}"
        statements += [f"CREATE VIEW {name} AS {view.select}", f"COMMENT ON VIEW {name} IS {literal(view.description)}"]
        statements += [
            f"COMMENT ON COLUMN {name}.{column} IS {literal(text)}" for column, text in view.columns.items() if text
        ]
    # One transaction: each statement of its own would be written to disk by itself.
    connection.execute("; ".join(["BEGIN", *statements, "COMMIT"]))
