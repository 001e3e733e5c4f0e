"""Writes, or checks, the files that are derived from others: dbt's sources, pages, a diagram."""

from __future__ import annotations

import sys
from pathlib import Path

from dataelec_assets.catalog import Catalog, load_catalog
from dataelec_assets.warehouse.diagram import star_schema
from dataelec_assets.warehouse.dictionary import dictionary_page, table_docs
from dataelec_assets.warehouse.exposures import Exposure, exposures_yaml, tables_read_by
from dataelec_assets.warehouse.project import PROJECT_DIR
from dataelec_assets.warehouse.sources import sources_yaml

_CADENCES = {
    "quarter-hourly": "every quarter of an hour",
    "hourly": "hourly",
    "six-hourly": "every six hours",
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
        lines += ["No longer served by its publisher: loaded from saved copies."] if dataset.withdrawn else []
        lines += (
            [f"Optional: asked only when `DATAELEC_{dataset.portal.upper()}_KEY` is set."]
            if dataset.info.needs_key
            else []
        )
        lines += [f"**{dataset.warning}**"] if dataset.warning else []
        lines += ["", "| column | type | unit | null | meaning |", "|---|---|---|---|---|"]
        lines += [
            f"| `{c.name}` | {c.type} | {c.unit or ''} | {'yes' if c.nullable else 'no'} | {c.description} |"
            for c in dataset.columns
        ]
    return "\n".join(lines) + "\n"


def exposures() -> list[Exposure]:
    """Return who reads which served tables: the report, the API, and whoever opens the published file."""
    served = [table.name for table in table_docs()]
    serving = Path(__file__).parent / "serving"
    return [
        Exposure(
            "rapport",
            "Rapport",
            "analysis",
            "Le rapport HTML de `dataelec report` (docs/rapport.md).",
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
    """Return the content of every derived file."""
    catalog = load_catalog()
    portals = sorted({dataset.portal for dataset in catalog.values()})
    files = {
        PROJECT_DIR / "models" / "staging" / portal / f"_{portal}__sources.yml": sources_yaml(catalog.values(), portal)
        for portal in portals
    }
    docs = PROJECT_DIR.parent / "docs"
    return {
        **files,
        PROJECT_DIR / "models" / "exposures.yml": exposures_yaml(exposures()),
        docs / "data-sets.md": datasets_page(catalog),
        docs / "dictionary.md": dictionary_page(),
        docs / "img" / "star-schema.svg": star_schema(table_docs()),
    }


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
