"""Writes, or checks, the files that are derived: sources and staging models of dbt, pages, lists in pages."""

from __future__ import annotations

import sys
from pathlib import Path

from dataelec_assets.catalog import CatalogError, load_catalog
from dataelec_assets.errors import DataElecError
from dataelec_assets.export.external import ENGINES, external_tables
from dataelec_assets.packaged import repository
from dataelec_assets.serving.client_page import client_page
from dataelec_assets.warehouse.diagram import star_schema
from dataelec_assets.warehouse.dictionary import dictionary_page, table_docs
from dataelec_assets.warehouse.exposures import Exposure, exposures_yaml, tables_read_by
from dataelec_assets.warehouse.pages import datasets_page, tables_list, with_blocks
from dataelec_assets.warehouse.semantics import columns_csv, meanings, measures, relations, relations_csv, rules
from dataelec_assets.warehouse.sources import sources_yaml
from dataelec_assets.warehouse.staging import staging_path, staging_sql
from dataelec_assets.warehouse.yaml_files import check_yaml


def exposures() -> list[Exposure]:
    """Return who reads which served tables: the report, the API, and whoever opens the published file."""
    served = [table.name for table in table_docs()]
    serving = Path(__file__).parent / "serving"
    return [
        Exposure(
            "rapport",
            "Rapport",
            "analysis",
            "Le rapport HTML de `dataelec report` (docs/collectivite.md).",
            tables_read_by(serving / "report", served),
        ),
        Exposure(
            "api",
            "API",
            "application",
            "L'API de `dataelec api` (docs/api.md) - les tables de ses sujets ; /v1/tables donne aussi les autres.",
            tables_read_by(serving / "api", served),
        ),
        Exposure(
            "fichier_publie",
            "Fichier DuckDB publié",
            "dashboard",
            "Ce que lisent les outils de BI, les notebooks et Python (docs/warehouse.md) - toutes les tables.",
            served,
        ),
    ]


def derived_files() -> dict[Path, str]:
    """Return the content of every derived file.

    Raises:
        CatalogError: an entry of the catalogue is wrong.
        SettingsError: this is not a checkout, or a page has a mark without content.
        WarehouseError: YAML of the dbt project cannot be parsed.
    """
    root = repository("generate files")
    check_yaml()
    catalog = load_catalog()
    docs, project = root / "docs", root / "dbt"
    tables = table_docs()
    files = {
        project / "models" / "staging" / portal / f"_{portal}__sources.yml": sources_yaml(catalog.values(), portal)
        for portal in sorted({dataset.portal for dataset in catalog.values()})
    }
    files |= {project / staging_path(each): staging_sql(each) for each in catalog.values() if each.staged}
    files[project / "models" / "exposures.yml"] = exposures_yaml(exposures())
    said = rules()
    found = meanings(tables, said)
    files[project / "seeds" / "meta_colonnes.csv"] = columns_csv(found)
    files[project / "seeds" / "meta_relations.csv"] = relations_csv(relations(tables, said))
    files |= {
        docs / "data-sets.md": datasets_page(catalog),
        docs / "dictionary.md": dictionary_page(measures(found)),
        docs / "reference" / "client.md": client_page(),
    }
    for engine in ENGINES:
        files[root / "deploy" / "external" / f"{engine.name.lower()}.sql"] = external_tables(engine, tables)
    blocks = {"tables": tables_list(tables), "star-schema": star_schema(tables)}
    for page in [root / "README.md", *sorted(docs.rglob("*.md"))]:
        text = page.read_text(encoding="utf-8")
        filled = with_blocks(text, blocks) if page not in files else text
        if filled != text or "<!-- generated: " in text:
            files[page] = filled
    return files


def write() -> list[Path]:
    """Write the derived files that are missing or out of date, and return them."""
    stale = out_of_date()
    for path, text in stale.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(stale)


def out_of_date() -> dict[Path, str]:
    """Return the derived files that are missing or differ, with the content that they should have."""
    return {
        path: text
        for path, text in derived_files().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    }


def main(arguments: list[str]) -> int:
    """Write the files; with ``--check``, say which are out of date and return 1 when there are any."""
    try:
        if "--check" not in arguments:
            write()
            return 0
        stale = out_of_date()
    except (DataElecError, CatalogError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    for path in stale:
        sys.stderr.write(f"{path.relative_to(repository('check files'))} is out of date: run `make generate`.\n")
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
