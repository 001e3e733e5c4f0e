"""From the lake's Parquet to tables on Spark: the same models, checks and months as on DuckDB (docs/decisions/0067).

Nothing of the lake is changed. Tables are Parquet below ``<lake>/spark/tables``, and ``<lake>/spark/built.json`` says
from what they were made; it is removed before a build and written after its success, so a build that was cut begins
again with everything.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataelec_assets.errors import LakeError
from dataelec_assets.lake import quarantine
from dataelec_assets.lake.atomic_files import read_json, write_json
from dataelec_assets.lake.locks import exclusive
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.run_context import RunContext
from dataelec_assets.warehouse.build import (
    BuildReport,
    Signatures,
    differing,
    is_monthly,
    lake_signatures,
    ready_lake,
    sources_of,
)
from dataelec_assets.warehouse.dbt import NodeResult, Target, run_dbt
from dataelec_assets.warehouse.gates import Rounds
from dataelec_assets.warehouse.lineage import read_manifest
from dataelec_assets.warehouse.parse import ensure_parse
from dataelec_assets.warehouse.project import project_digest
from dataelec_assets.warehouse.renewed import monthly_models
from dataelec_assets.warehouse.spark_models import steps_on_arrow
from dataelec_assets.warehouse.spark_sources import show_sources_on_spark
from dataelec_assets.warehouse.spark_tables import columns_of, show_tables

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

TARGET = "spark"

_BUILD = ("build", "--exclude-resource-type", "unit_test")

# Readers from which on a view is worth a table: Spark makes the rows of a view again for each.
_SHARED = 2


def tables_folder(paths: LakePaths) -> Path:
    """Return the folder of the tables, which every machine of a cluster sees."""
    return paths.root / "spark" / "tables"


def _state(paths: LakePaths) -> Path:
    return paths.root / "spark" / "built.json"


def build_on_spark(ctx: RunContext, session: SparkSession, *, full: bool = False) -> BuildReport:
    """Build on Spark the tables that were not made from the present lake.

    Args:
        ctx: settings and folders.
        session: as :func:`..spark_session.open_session` gives it.
        full: build everything again.

    Returns:
        The report; when some node is broken nothing is remembered, and the caller must not publish.

    Raises:
        WarehouseError: dbt could not run.
        LakeError: the lake has no copies to build from.
    """
    parse = ensure_parse(ctx.paths, TARGET)
    manifest = read_manifest(parse.manifest_json)
    with exclusive(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        ready_lake(ctx)
        lake, project = lake_signatures(ctx), project_digest()
        built, built_project, tables = _remembered(ctx.paths)
        is_full = full or built_project != project
        changed = sorted(lake if is_full else differing(lake, built))
        if not changed:
            return BuildReport("nothing")
        moved = [dataset_id for dataset_id, _ in changed if dataset_id != quarantine.QUARANTINE]
        is_whole = is_full or not all(is_monthly(ctx, each) for each in moved)
        report = BuildReport(
            "full" if is_full else "months",
            months=[] if is_whole else sorted({each[:7] for source, each in changed if is_monthly(ctx, source)}),
            datasets=sorted({dataset_id for dataset_id, _ in changed}),
            changed=changed,
        )
        folder = tables_folder(ctx.paths)
        _state(ctx.paths).unlink(missing_ok=True)
        if is_full:
            shutil.rmtree(folder, ignore_errors=True)
        show_sources_on_spark(session, ctx.paths, ctx.catalog.values())
        nodes, intact = None, []
        if not is_full:
            show_tables(session, folder, tables)
            rounds = Rounds(parse.manifest_json, sources_of(ctx, report))
            turn, intact = rounds.whole(), rounds.intact(monthly_models())
            # A session starts without views.
            nodes = sorted({*turn.models, *turn.tests, *_views(manifest["nodes"])})
        arguments = [*_BUILD, *(("--full-refresh",) if is_full else ())]
        report.results = run_dbt_on_spark(
            ctx.paths, session, arguments, nodes=nodes, months=report.months, intact=intact
        )
        if not report.broken:
            _remember(ctx.paths, lake, project, columns_of(session, folder))
        return report


def run_dbt_on_spark(
    paths: LakePaths,
    session: SparkSession,
    arguments: Sequence[str],
    *,
    nodes: Collection[str] | None = None,
    months: Sequence[str] = (),
    intact: Sequence[str] = (),
) -> list[NodeResult]:
    """Run one dbt command on Spark; see :func:`..dbt.run_dbt`. The session knows sources and tables already."""
    folder = tables_folder(paths).resolve().as_posix()
    target = Target(TARGET, {"DATAELEC_SPARK_TABLES": folder}, keep_shared_views)
    with steps_on_arrow(session, folder):
        return run_dbt(paths, arguments, nodes=nodes, months=months, intact=intact, target=target)


def keep_shared_views(manifest: Any) -> None:
    """Make tables of the intermediate views that several models or checks read.

    Args:
        manifest: dbt's, of one command; it is changed.
    """
    nodes = manifest.nodes.values()
    readers = Counter(each for node in nodes for each in node.depends_on_nodes)
    for node in nodes:
        if _is_shared(node.schema, node.config.materialized, readers[node.unique_id]):
            node.config.materialized = "table"


def _views(nodes: dict[str, Any]) -> Iterable[str]:
    """Return the models that stay views."""
    readers = Counter(each for node in nodes.values() for each in node["depends_on"].get("nodes", ()))
    for key, node in nodes.items():
        kind = node["config"].get("materialized")
        if kind == "view" and not _is_shared(node["schema"], kind, readers[key]):
            yield key


def _is_shared(schema: str, materialized: str, readers: int) -> bool:
    return schema == "intermediate" and materialized == "view" and readers >= _SHARED


def _remembered(paths: LakePaths) -> tuple[Signatures, str | None, dict[str, Any]]:
    """Return the signatures, the project and the columns of the tables of the last build; nothing before the first."""
    if not _state(paths).exists():
        return {}, None, {}
    try:
        content = read_json(_state(paths))
        return {(dataset, part): mark for dataset, part, mark in content["lake"]}, content["project"], content["tables"]
    except (LakeError, KeyError, TypeError, ValueError):
        return {}, None, {}


def _remember(paths: LakePaths, lake: Signatures, project: str, tables: dict[str, Any]) -> None:
    rows = [(dataset, part, mark) for (dataset, part), mark in sorted(lake.items())]
    write_json(paths, _state(paths), {"lake": rows, "project": project, "tables": tables}, indent=None)


def is_behind(ctx: RunContext) -> bool:
    """Return whether there is something to build, for which Spark must be started.

    Raises:
        LakeError: the lake has no copies to build from.
    """
    with exclusive(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        ready_lake(ctx)
        return not is_built(ctx)


def is_built(ctx: RunContext) -> bool:
    """Return whether the tables were made from the present lake by the present project."""
    built, project, _ = _remembered(ctx.paths)
    return (built, project) == (lake_signatures(ctx), project_digest())


def served_names(paths: LakePaths) -> Collection[str]:
    """Return the models and seeds of ``main``."""
    nodes = read_manifest(ensure_parse(paths, TARGET).manifest_json)["nodes"].items()
    return {node["alias"] for key, node in nodes if key.startswith(("model.", "seed.")) and node["schema"] == "main"}
