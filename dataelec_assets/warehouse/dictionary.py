"""What the served tables are, as dbt's YAML, shared descriptions and seed of warnings say.

The dictionary page, the data package, the lists of tables and the diagram of the star schema derive from them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dataelec_assets.errors import WarehouseError
from dataelec_assets.warehouse.project import PROJECT_DIR
from dataelec_assets.warehouse.yaml_files import read_yaml

# dbt's own forms: a description that several columns share, and its use in YAML.
_BLOCK = re.compile(r"\{% docs (\w+) %\}(.*?)\{% enddocs %\}", re.DOTALL)
_USE = re.compile(r"\{\{ doc\('(\w+)'\) \}\}")


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

    Raises:
        WarehouseError: a column names a shared description that no page holds.
    """
    with (project / "seeds" / "meta_avertissements.csv").open(encoding="utf-8") as stream:
        limits = [(row["nom_table"], row["nom_colonne"], row["avertissement"]) for row in csv.DictReader(stream)]
    shared = _shared_descriptions(project)
    found = [_table_doc(table, limits, shared) for table in _served(project)]
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


def _shared_descriptions(project: Path) -> dict[str, str]:
    """Return the blocks that ``doc`` names, from the Markdown pages beside the models."""
    pages = (path.read_text(encoding="utf-8") for path in sorted((project / "models").rglob("*.md")))
    return {name: text for page in pages for name, text in _BLOCK.findall(page)}


def _table_doc(table: dict[str, Any], limits: list[tuple[str, str, str]], shared: Mapping[str, str]) -> TableDoc:
    return TableDoc(
        table["name"],
        _one_line(table["description"]),
        _key(table),
        tuple(
            ColumnDoc(
                column["name"],
                str(column["data_type"]),
                column.get("config", {}).get("meta", {}).get("unit"),
                _one_line(_resolved(column["description"], shared, f"{table['name']}.{column['name']}")),
            )
            for column in table["columns"]
        ),
        tuple((column, text) for name, column, text in limits if name == table["name"]),
    )


def _key(table: dict[str, Any]) -> tuple[str, ...]:
    """Return the columns of the first check that says what is unique: of several columns, else of one."""
    rules = [each for test in table.get("data_tests", ()) for each in _rules(test)]
    for kind, given in rules:
        if kind == "unique_combination":
            return tuple(given["arguments"]["columns"])
    of_rules = [given["arguments"]["column_name"] for kind, given in rules if kind == "unique"]
    of_columns = [column["name"] for column in table["columns"] if "unique" in column.get("data_tests", ())]
    return tuple([*of_rules, *of_columns][:1])


def _rules(test: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the kind and the definition of each rule of a check of a table, fused or not."""
    for kind, given in test.items() if isinstance(test, dict) else ():
        if kind == "controles":
            yield from (each for rule in given["arguments"]["regles"] for each in rule.items())
        else:
            yield kind, given


def _resolved(description: str, shared: Mapping[str, str], column: str) -> str:
    """Return a description with the blocks that it names in their place."""
    for name in _USE.findall(description):
        if name not in shared:
            raise WarehouseError(
                f"{column} is described by doc('{name}'), which does not exist.",
                advice="Add the block to dbt/models/_colonnes.md, or write the description in place.",
            )
    return _USE.sub(lambda use: shared[use[1]], description)


def _one_line(text: str) -> str:
    return " ".join(text.split())


_HEAD = """
# Dictionnaire des tables servies

Tiré des YAML de `dbt/models/marts` et `dbt/seeds`, et de `dbt/semantic.yml`, par `make generate` ; le fichier le dit
aussi, dans ses commentaires et dans `meta_colonnes`. Ce qu’est une ligne de chaque table : [tables
servies](warehouse.md).

Agrégation d’une mesure : `somme` ; `territoires`, se somme entre territoires, jamais dans le temps ; `temps`, se somme
dans le temps, jamais entre territoires ; `÷ colonne`, moyenne pondérée par cette colonne ; `aucune`, se lit ligne à
ligne.
"""


def dictionary_page(measures: Mapping[tuple[str, str], tuple[str, str]] | None = None) -> str:
    """Return the page of the served tables, in Markdown: what each row is, its columns, its known limits.

    Args:
        measures: unit of each measure and how it is aggregated, by table and column.
    """
    tables, known = table_docs(), measures or {}
    lines = [*_HEAD.strip().splitlines(), "", " · ".join(f"[`{table.name}`](#{table.name})" for table in tables)]
    for table in tables:
        lines += ["", f"## {table.name}", "", table.description, ""]
        lines += ["| colonne | type | unité | agrégation | sens |", "|---|---|---|---|---|"]
        for column in table.columns:
            unit, rule = known.get((table.name, column.name), (column.unit or "", ""))
            lines.append(f"| `{column.name}` | {column.type} | {unit} | {rule} | {_cell(column.description)} |")
        lines += ["", "Limites connues :", ""] if table.warnings else []
        lines += [f"- `{column}` : {text}" for column, text in table.warnings]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
