"""`dataelec build`, without printing: the tables alone, on either engine."""

from __future__ import annotations

from typing import Any

from dataelec_assets.commands.outcomes import publication_row
from dataelec_assets.errors import WarehouseError
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import load_settings
from dataelec_assets.warehouse.publication import Publication


def build_tables(engine: str, *, full: bool = False, ctx: RunContext | None = None) -> tuple[dict[str, Any], list[str]]:
    """Build the tables that are behind the lake, check them and publish them; nothing is fetched.

    Args:
        engine: ``duckdb``, or ``spark``, which publishes below ``serving-spark`` and leaves the served file alone.
        full: build every table again.
        ctx: settings and folders; None: those of the environment.

    Returns:
        What was done, and the closing words.

    Raises:
        LakeError: there is no lake.
        WarehouseError: the tables could not be built, or a check blocks them; what is served is unchanged.
        SettingsError: Spark is not installed.
    """
    ctx = ctx or RunContext(load_settings())
    ctx.paths.require()
    kind, publication = (_on_spark if engine == "spark" else _on_duckdb)(ctx, full=full)
    lines = [f"Served: {publication.path} (publication {publication.publication_id})."]
    return {"engine": engine, "kind": kind, "publication": publication_row(publication)}, lines


def _on_duckdb(ctx: RunContext, *, full: bool) -> tuple[str, Publication]:
    from dataelec_assets.pipeline import build, publish_tables

    built = build(ctx, full=full)
    return built.report.kind, publish_tables(ctx, built.kept)


def _on_spark(ctx: RunContext, *, full: bool) -> tuple[str, Publication]:
    from dataelec_assets.warehouse.spark_session import open_session, require

    require()
    from dataelec_assets.warehouse.spark_build import build_on_spark, tables_folder
    from dataelec_assets.warehouse.spark_publish import publish_from_spark

    session = open_session(ctx.settings.spark, tables_folder(ctx.paths))
    try:
        report = build_on_spark(ctx, session, full=full)
    finally:
        session.stop()
    if report.broken:
        first = report.broken[0]
        raise WarehouseError(
            f"{len(report.broken)} node(s) of the build on Spark are broken, first {first.unique_id}: "
            f"{(first.message or first.status).strip()}",
            advice="What is served is unchanged. `dataelec refresh` shows the same check on DuckDB, with the rows.",
        )
    return report.kind, publish_from_spark(ctx)
