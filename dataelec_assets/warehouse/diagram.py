"""The star schema as a Mermaid diagram: facts and the dimensions that they share, one line for each link."""

from __future__ import annotations

from collections.abc import Sequence

from dataelec_assets.warehouse.dictionary import TableDoc

# Columns of facts that point to a dimension: the names are the project's conventions.
LINKS = {
    "date": "dim_date",
    "date_locale": "dim_date",
    "code_region": "dim_region",
    "code_departement": "dim_departement",
    "code_epci": "dim_epci",
    "code_commune": "dim_commune",
    "code_secteur": "dim_secteur",
    "filiere": "dim_filiere",
}


def links_of(table: TableDoc, dimensions: Sequence[str]) -> dict[str, str]:
    """Return the dimensions that a table points to, each with the first column that does, in the order of columns."""
    found: dict[str, str] = {}
    for column in table.columns:
        name = LINKS.get(column.name)
        if name is not None and name in dimensions and name != table.name:
            found.setdefault(name, column.name)
    return found


def star_schema(tables: Sequence[TableDoc]) -> str:
    """Return the diagram of the facts, as a fenced block of Markdown; marts have the same columns."""
    dimensions = [table.name for table in tables if table.name.startswith("dim_")]
    lines = [
        f"    {dimension} ||--o{{ {table.name} : {column}"
        for table in tables
        if table.name.startswith("fct_")
        for dimension, column in links_of(table, dimensions).items()
    ]
    return "\n".join(["```mermaid", "erDiagram", *lines, "```"])
