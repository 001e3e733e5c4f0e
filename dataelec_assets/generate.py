"""Writes, or checks, the files that are derived from others: dbt's sources, the page of data sets, the dictionary."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from dataelec_assets.catalog import Catalog, load_catalog
from dataelec_assets.warehouse.project import PROJECT_DIR
from dataelec_assets.warehouse.sources import sources_yaml

_CADENCES = {
    "quarter-hourly": "every quarter of an hour",
    "daily": "daily",
    "monthly": "monthly",
    "yearly": "yearly",
}


def datasets_page(catalog: Catalog) -> str:
    """Return the page of the data sets: what each is, and the contract of its columns."""
    lines = [
        "# Data sets",
        "",
        "Generated from `dataelec_assets/catalog/entries` by `make generate`.",
        "",
        "| data set | publisher | since | updated | partition | key |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| [`{d.id}`](#{d.id}) | {d.publisher} | {d.history_start} | {_CADENCES[d.cadence]} | {d.partitioning.grain} "
        f"| {', '.join(d.key) or 'none: rows are summed'} |"
        for d in catalog.values()
    ]
    for dataset in catalog.values():
        lines += ["", f"## {dataset.id}", "", f"{dataset.title}. {dataset.publisher}. {dataset.licence}."]
        lines += [f"**{dataset.warning}**"] if dataset.warning else []
        lines += ["", "| column | type | unit | null | meaning |", "|---|---|---|---|---|"]
        lines += [
            f"| `{c.name}` | {c.type} | {c.unit or ''} | {'yes' if c.nullable else 'no'} | {c.description} |"
            for c in dataset.columns
        ]
    return "\n".join(lines) + "\n"


def dictionary_page(project: Path = PROJECT_DIR) -> str:
    """Return the page of the served tables: what each row is, its key, its columns, its known limits.

    Args:
        project: folder of the dbt project; its YAML files and the seed of warnings are the only source.
    """
    tables = sorted(_served_tables(project), key=lambda table: str(table["name"]))
    with (project / "seeds" / "meta_avertissements.csv").open(encoding="utf-8") as stream:
        warnings = list(csv.DictReader(stream))
    lines = [
        "# Dictionary of the served tables",
        "",
        "Generated from the YAML of `dbt/models/marts` and `dbt/seeds` by `make generate`; in French, like the file's",
        "own comments. `meta_publication` and `meta_sources` are described in [warehouse.md](warehouse.md).",
        "",
        "| table | key |",
        "|---|---|",
        *(f"| [`{table['name']}`](#{table['name']}) | {_key(table)} |" for table in tables),
    ]
    for table in tables:
        lines += ["", f"## {table['name']}", "", _one_line(table["description"]), ""]
        lines += ["| column | type | unit | meaning |", "|---|---|---|---|"]
        lines += [
            f"| `{column['name']}` | {column['data_type']} | {_unit(column)} | {_one_line(column['description'])} |"
            for column in table["columns"]
        ]
        limits = [each for each in warnings if each["nom_table"] == table["name"]]
        lines += ["", "Known limits:", ""] if limits else []
        lines += [f"- `{each['nom_colonne']}`: {each['avertissement']}" for each in limits]
    return "\n".join(lines) + "\n"


def _served_tables(project: Path) -> Iterator[dict[str, Any]]:
    """Yield the marts, and the seeds that are not working tables of another schema."""
    for folder, kind in (("models/marts", "models"), ("seeds", "seeds")):
        for path in sorted((project / folder).glob("*.yml")):
            for table in yaml.safe_load(path.read_text(encoding="utf-8"))[kind]:
                if "schema" not in table.get("config", {}):
                    yield table


def _key(table: dict[str, Any]) -> str:
    """Return the key as the tests of uniqueness state it."""
    for test in table.get("data_tests", ()):
        if isinstance(test, dict) and "unique_combination" in test:
            return ", ".join(test["unique_combination"]["arguments"]["columns"])
    unique = [column["name"] for column in table["columns"] if "unique" in column.get("data_tests", ())]
    return unique[0] if unique else "none"


def _unit(column: dict[str, Any]) -> str:
    return str(column.get("config", {}).get("meta", {}).get("unit", ""))


def _one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def derived_files() -> dict[Path, str]:
    """Return the content of every derived file."""
    catalog = load_catalog()
    portals = sorted({dataset.portal for dataset in catalog.values()})
    files = {
        PROJECT_DIR / "models" / "staging" / portal / f"_{portal}__sources.yml": sources_yaml(catalog.values(), portal)
        for portal in portals
    }
    docs = PROJECT_DIR.parent / "docs"
    return {**files, docs / "data-sets.md": datasets_page(catalog), docs / "dictionary.md": dictionary_page()}


def main(arguments: list[str]) -> int:
    """Write the files; with ``--check``, say which are out of date and return 1 when there are any."""
    stale = [path for path, text in derived_files().items() if not path.exists() or path.read_text("utf-8") != text]
    if "--check" in arguments:
        for path in stale:
            sys.stderr.write(f"{path.relative_to(PROJECT_DIR.parent)} is out of date: run `make generate`.\n")
        return int(bool(stale))
    for path, text in derived_files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
