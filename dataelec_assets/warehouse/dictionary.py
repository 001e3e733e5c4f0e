"""What the served tables are, from the one place where it is written: the YAML and the seed of warnings of dbt.

The dictionary page, the data package and the diagram of the star schema are made from it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dataelec_assets.warehouse.project import PROJECT_DIR
from dataelec_assets.warehouse.yaml_files import read_yaml


@dataclass(frozen=True, slots=True)
class ColumnDoc:
    """A column of a served table: name, SQL type, unit (None for what has none), meaning in French."""

    name: str
    type: str
    unit: str | None
    description: str


@dataclass(frozen=True, slots=True)
class TableDoc:
    """A served table.

    Attributes:
        name: of the table.
        description: what a row is, in French.
        key: columns that identify a row, as the test of uniqueness states them; empty when there is none.
        columns: in order.
        warnings: ``(column, text)`` of each known limit, in French.
    """

    name: str
    description: str
    key: tuple[str, ...]
    columns: tuple[ColumnDoc, ...]
    warnings: tuple[tuple[str, str], ...]


@cache
def table_docs(project: Path = PROJECT_DIR) -> tuple[TableDoc, ...]:
    """Return the served tables by name.

    Args:
        project: folder of the dbt project.
    """
    with (project / "seeds" / "meta_avertissements.csv").open(encoding="utf-8") as stream:
        limits = [(row["nom_table"], row["nom_colonne"], row["avertissement"]) for row in csv.DictReader(stream)]
    found = [_table_doc(table, limits) for table in _served(project)]
    return tuple(sorted(found, key=lambda table: table.name))


def served_tables() -> tuple[str, ...]:
    """Return the names of the served tables: the public contract, without which nothing is published."""
    return tuple(table.name for table in table_docs())


def _served(project: Path) -> Iterator[dict[str, Any]]:
    """Yield the marts, and the seeds that are not working tables of another schema."""
    for folder, kind in (("models/marts", "models"), ("seeds", "seeds")):
        for path in sorted((project / folder).rglob("*.yml")):
            for table in read_yaml(path)[kind]:
                if "schema" not in table.get("config", {}):
                    yield table


def _table_doc(table: dict[str, Any], limits: list[tuple[str, str, str]]) -> TableDoc:
    return TableDoc(
        table["name"],
        _one_line(table["description"]),
        _key(table),
        tuple(
            ColumnDoc(
                column["name"],
                str(column["data_type"]),
                column.get("config", {}).get("meta", {}).get("unit"),
                _one_line(column["description"]),
            )
            for column in table["columns"]
        ),
        tuple((column, text) for name, column, text in limits if name == table["name"]),
    )


def _key(table: dict[str, Any]) -> tuple[str, ...]:
    for test in table.get("data_tests", ()):
        if isinstance(test, dict) and "unique_combination" in test:
            return tuple(test["unique_combination"]["arguments"]["columns"])
    return tuple(column["name"] for column in table["columns"] if "unique" in column.get("data_tests", ()))[:1]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def dictionary_page(project: Path = PROJECT_DIR) -> str:
    """Return the page of the served tables, in Markdown: what each row is, its key, its columns, its known limits."""
    tables = table_docs(project)
    lines = [
        "# Dictionary of the served tables",
        "",
        "Generated from the YAML of `dbt/models/marts` and `dbt/seeds` by `make generate`; in French, like the file's",
        "own comments. `meta_publication` and `meta_sources` are described in [warehouse.md](warehouse.md).",
        "",
        "![tables and what they share](img/star-schema.svg)",
        "",
        "| table | key |",
        "|---|---|",
        *(f"| [`{table.name}`](#{table.name}) | {', '.join(table.key) or 'none'} |" for table in tables),
    ]
    for table in tables:
        lines += ["", f"## {table.name}", "", table.description, ""]
        lines += ["| column | type | unit | meaning |", "|---|---|---|---|"]
        lines += [f"| `{c.name}` | {c.type} | {c.unit or ''} | {_cell(c.description)} |" for c in table.columns]
        lines += ["", "Known limits:", ""] if table.warnings else []
        lines += [f"- `{column}`: {text}" for column, text in table.warnings]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
