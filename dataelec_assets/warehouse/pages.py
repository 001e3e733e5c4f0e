"""Markdown that is derived from the catalogue and from the dbt project: the page of the data sets, lists of tables."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dataelec_assets.catalog import Catalog, Dataset
from dataelec_assets.catalog.evidence import By, Proof
from dataelec_assets.errors import SettingsError
from dataelec_assets.warehouse.dictionary import TableDoc
from dataelec_assets.warehouse.meta_tables import META_COMMENTS, META_TABLES

_CADENCES = {
    "quarter-hourly": "every quarter of an hour",
    "hourly": "hourly",
    "six-hourly": "every six hours",
    "daily": "daily",
    "monthly": "monthly",
    "yearly": "yearly",
}

_BY: dict[By, str] = {"file": "a published file", "page": "the publisher's page", "code": "public code"}

_GRAIN = re.compile(r"Grain\s*[:-]\s*([^.;]*)")

_BLOCK = "<!-- generated: {name} -->"
_END = "<!-- end of what is generated -->"


def datasets_page(catalog: Catalog) -> str:
    """Return the page of the data sets: what each is, and the contract of its columns."""
    lines = [
        "# Data sets",
        "",
        "Generated from `dataelec_assets/catalog/entries` by `make generate`. Types with their units; `*`: never null.",
        "A column that an earlier data set describes in the same words is only named. Each claim of the catalogue says",
        "by what it is known, and of when that is; *not verified*: nothing that was read shows it.",
        "",
        "| data set | publisher | since | updated | cut by | key |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| [`{each.id}`](#{each.id}) | {each.publisher} | {each.history_start} | {_CADENCES[each.cadence]} "
        f"| {each.partitioning.grain} | {', '.join(each.key) or 'none: rows are summed'} |"
        for each in catalog.values()
    ]
    described: dict[tuple[str, str, str], str] = {}
    for dataset in catalog.values():
        lines += ["", f"## {dataset.id}", "", *_about(dataset)]
        lines += _columns(dataset, described)
    return "\n".join(lines) + "\n"


def _about(dataset: Dataset) -> list[str]:
    lines = [f"{dataset.title}. {dataset.licence}."]
    lines += ["No longer served by its publisher: loaded from saved copies."] if dataset.withdrawn else []
    if dataset.info.needs_key:
        lines.append(f"Optional: asked only when `DATAELEC_{dataset.portal.upper()}_KEY` is set.")
    if dataset.stands_in_for is not None:
        lines.append(f"In reserve: asked only by name, or while `{dataset.stands_in_for}` is away.")
    if dataset.info.in_place_of:
        own = f"DATAELEC_{dataset.portal.upper()}"
        lines.append(f"Asked in the place of Open-Meteo with `DATAELEC_COMMERCIAL=1`, or when `{own}=1`.")
    lines += [f"**{dataset.warning}**"] if dataset.warning else []
    lines += [f"Conditions: {dataset.info.conditions}."] if dataset.info.conditions else []
    return [*lines, "", *_known(dataset)]


def _known(dataset: Dataset) -> list[str]:
    """Return how the claims are known, a line for each proof, and those that nothing shows."""
    by_proof: dict[Proof | None, list[str]] = {}
    for claim, proof in dataset.knowledge.items():
        shown = f"quota ({dataset.info.quota})" if claim == "quota" and dataset.info.quota else claim
        by_proof.setdefault(proof, []).append(shown)
    unverified = by_proof.pop(None, [])
    return [
        *(
            f"- {', '.join(claims)}: known by {_BY[proof.by]} ({proof.dated}: {proof.what})"
            for proof, claims in by_proof.items()
            if proof is not None
        ),
        *([f"- not verified: {', '.join(unverified)}"] if unverified else []),
    ]


def _columns(dataset: Dataset, described: dict[tuple[str, str, str], str]) -> list[str]:
    """Return a table of the columns that no earlier data set has described alike, and the names of the others."""
    new, same = [], dict[str, list[str]]()
    for column in dataset.columns:
        kind = f"{column.type}{', ' + column.unit if column.unit else ''}{'' if column.nullable else ' *'}"
        key = (column.name, kind, column.description)
        if key in described:
            same.setdefault(described[key], []).append(f"`{column.name}`")
        else:
            described[key] = dataset.id
            new.append(f"| `{column.name}` | {kind} | {column.description} |")
    lines = ["", *(f"As in [{where}](#{where}): {', '.join(names)}." for where, names in same.items())] if same else []
    return [*lines, *(["", "| column | type | meaning |", "|---|---|---|", *new] if new else [])]


def tables_list(tables: Sequence[TableDoc]) -> str:
    """Return the list of the served tables: what a row is, key, units."""
    rows = {table.name: _row(table) for table in tables}
    for name in META_TABLES:
        rows[name] = f"| `{name}` | {META_COMMENTS[f'TABLE {name}']} | | |"
    header = ["| table | one row per (in French) | key | units |", "|---|---|---|---|"]
    return "\n".join([*header, *(rows[name] for name in sorted(rows))])


def _row(table: TableDoc) -> str:
    grain = _GRAIN.search(table.description)
    units = dict.fromkeys(column.unit for column in table.columns if column.unit)
    return (
        f"| `{table.name}` | {grain[1].strip() if grain else table.description.split('. ')[0]} "
        f"| {', '.join(f'`{each}`' for each in table.key)} | {', '.join(units)} |"
    )


def with_blocks(page: str, blocks: dict[str, str]) -> str:
    """Return a page of which each block between its two marks is replaced.

    Raises:
        SettingsError: a mark names no block that is generated, or its end is missing.
    """
    for name in re.findall(_BLOCK.format(name=r"([\w-]+)"), page):
        mark = _BLOCK.format(name=name)
        before, _, rest = page.partition(mark)
        _, end, after = rest.partition(_END)
        if name not in blocks or not end:
            raise SettingsError(f"A page has the mark `{mark}`, which no generated block or no end goes with.")
        page = f"{before}{mark}\n{blocks[name]}\n{_END}{after}"
    return page
