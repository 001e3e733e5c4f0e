"""Some tables built by name: these, and of what they are made from only what is missing or behind the lake.

Nothing of it makes the warehouse up to date as a whole, so what has moved in the lake stays to be built by the next
refresh.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from dataelec_assets.lake.locks import exclusive
from dataelec_assets.run_context import RunContext
from dataelec_assets.warehouse.build import (
    BuildReport,
    differing,
    is_monthly,
    lake_signatures,
    make_file,
    open_warehouse,
    ready_lake,
    remember,
    sources_of,
    sweep,
    warehouse_signatures,
)
from dataelec_assets.warehouse.dbt import run_dbt
from dataelec_assets.warehouse.lineage import Lineage, reached
from dataelec_assets.warehouse.parse import ensure_parse
from dataelec_assets.warehouse.project import project_digest
from dataelec_assets.warehouse.renewed import read_marks, write_marks
from dataelec_assets.warehouse.source_views import show_sources

_BUILT = ("model.", "seed.")


def build_some(
    ctx: RunContext, names: Collection[str], *, months: Collection[str] = (), tolerated: Collection[str] = ()
) -> BuildReport:
    """Build tables by name, whether they are behind the lake or not.

    Args:
        ctx: settings and folders.
        names: of models and seeds.
        months: of monthly facts (``YYYY-MM``), to build although nothing has moved there; empty: all, for a fact that
            is missing, else those that have moved.
        tolerated: names of checks that only warn this time.

    Returns:
        The report; its ``changed`` are the partitions that have moved, and those of the months that were asked for.

    Raises:
        WarehouseError: dbt could not run.
    """
    lineage = Lineage(ctx.catalog, ensure_parse(ctx.paths).manifest_json)
    with exclusive(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        marks = read_marks(ctx.paths)
        ready_lake(ctx)
        make_file(ctx)
        lake, project = lake_signatures(ctx), project_digest()
        built, built_project = warehouse_signatures(ctx)
        # Tables of other models may be anything: all that the chosen ones are made from is built.
        is_known = built_project == project
        moved = differing(lake, built)
        chosen = {key for key, node in lineage.manifest["nodes"].items() if node["name"] in names and _is_built(key)}
        report = BuildReport("some", datasets=sorted({each for each, _ in moved}))
        lacking = _lacking(ctx, lineage, chosen, report) if is_known else _above(lineage, chosen)
        wanted = {key for key in lake if key[1][:7] in months}
        report.changed = sorted((moved if is_known else set(lake)) | wanted)
        is_missing = bool(_missing(ctx, lineage, chosen | lacking))
        # A fact without a window is built whole: it is missing, or a data set that is not cut by month has moved.
        is_whole = not is_known or is_missing or not all(is_monthly(ctx, each) for each, _ in moved)
        report.months = sorted(
            {each[:7] for source, each in (lake if is_whole else report.changed) if is_monthly(ctx, source)}
        )
        fed_by = {dataset.id for key in chosen | lacking for dataset in lineage.datasets(key)}
        kept = {key: mark for key, mark in built.items() if is_known and key not in moved}
        # Should the build be cut, the next one takes all that feeds these tables again.
        with open_warehouse(ctx) as connection:
            remember(connection, {key: mark for key, mark in kept.items() if key[0] not in fed_by}, built_project or "")
            show_sources(connection, ctx.paths, ctx.catalog.values())
        report.results = run_dbt(
            ctx.paths,
            [
                *("build", "--exclude-resource-type", "unit_test", "--indirect-selection", "buildable", "--select"),
                *sorted(lineage.node(key)["name"] for key in chosen | lacking),
            ],
            months=() if is_whole else report.months,
            tolerated=tolerated,
        )
        with open_warehouse(ctx) as connection:
            sweep(connection)
            if not report.broken:
                remember(connection, kept, built_project or "")
            connection.execute("CHECKPOINT")
        write_marks(ctx.paths, marks, report.results, () if is_whole else report.months)
        return report


def _is_built(unique_id: str) -> bool:
    return unique_id.startswith(_BUILT)


def _above(lineage: Lineage, chosen: Iterable[str]) -> set[str]:
    """Return the models and seeds that some others are made from, these included."""
    return {each for each in reached(lineage.manifest["parent_map"], chosen) if _is_built(each)}


def _lacking(ctx: RunContext, lineage: Lineage, chosen: set[str], report: BuildReport) -> set[str]:
    """Return what some models are made from and that is missing, or behind what has moved in the lake."""
    above = _above(lineage, chosen) - chosen
    sources = set(sources_of(ctx, report)) if report.datasets else set()
    starts = [key for key in lineage.manifest["sources"] if ".".join(key.split(".")[2:]) in sources]
    return _missing(ctx, lineage, above) | (above & reached(lineage.manifest["child_map"], starts))


def _missing(ctx: RunContext, lineage: Lineage, keys: Iterable[str]) -> set[str]:
    """Return the nodes that have neither table nor view in the warehouse."""
    with open_warehouse(ctx) as connection:
        there = set(connection.execute("SELECT table_schema, table_name FROM information_schema.tables").fetchall())
    nodes = {key: lineage.node(key) for key in keys}
    return {
        key
        for key, node in nodes.items()
        if node["config"]["materialized"] != "ephemeral" and (node["schema"], node["alias"]) not in there
    }
