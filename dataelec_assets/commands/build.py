"""`dataelec build`, without printing: the tables alone, on either engine."""

from __future__ import annotations

from typing import Any

from dataelec_assets.commands.outcomes import publication_row
from dataelec_assets.errors import WarehouseError
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import load_settings
from dataelec_assets.warehouse.build import BuildReport
from dataelec_assets.warehouse.dbt import NodeResult
from dataelec_assets.warehouse.publication import Publication

# Faults that are told; one cause often breaks many nodes.
_SHOWN = 5

_ADVICE = "What is served is unchanged. `dataelec refresh` builds the same on DuckDB, and shows the rows of a check."


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
    report, publication = (_on_spark if engine == "spark" else _on_duckdb)(ctx, full=full)
    done = {
        "engine": engine,
        "kind": report.kind,
        "months": report.months,
        "publication": publication_row(publication),
    }
    return done, [
        _built(report),
        f"Served: {publication.path} (publication {publication.publication_id}).",
    ]


def _built(report: BuildReport) -> str:
    """Return what was built, in a sentence."""
    if report.kind == "nothing":
        return "Nothing to build: the tables are those of the lake."
    tables = sum(each.unique_id.startswith(("model.", "seed.")) for each in report.results)
    checks = [each for each in report.results if each.unique_id.startswith("test.")]
    warned = sum(each.status == "warn" for each in checks)
    what = "everything" if report.kind == "full" else ", ".join(report.months) or ", ".join(report.datasets)
    return f"Built {what}: {tables} tables and views, {len(checks)} checks, of which {warned} found something."


def _on_duckdb(ctx: RunContext, *, full: bool) -> tuple[BuildReport, Publication]:
    from dataelec_assets.pipeline import build, publish_tables

    built = build(ctx, full=full)
    return built.report, publish_tables(ctx, built.kept)


def _on_spark(ctx: RunContext, *, full: bool) -> tuple[BuildReport, Publication]:
    from dataelec_assets.warehouse.spark_session import open_session, require

    require(ctx.settings.spark)
    from dataelec_assets.warehouse.spark_build import build_on_spark, is_behind, tables_folder
    from dataelec_assets.warehouse.spark_publish import publish_from_spark

    if not full and not is_behind(ctx):
        return BuildReport("nothing"), publish_from_spark(ctx)
    session = open_session(ctx.settings.spark, tables_folder(ctx.paths))
    try:
        report = build_on_spark(ctx, session, full=full)
    finally:
        session.stop()
    if report.broken:
        raise WarehouseError(_broken(report), advice=_ADVICE)
    return report, publish_from_spark(ctx)


def _broken(report: BuildReport) -> str:
    """Return what has failed, without what was skipped because of it."""
    failed = [each for each in report.broken if each.status != "skipped"]
    told = "; ".join(f"{each.unique_id.rsplit('.', 1)[-1]}: {_words(each)}" for each in failed[:_SHOWN])
    more = f"; and {len(failed) - _SHOWN} more" if len(failed) > _SHOWN else ""
    skipped = len(report.broken) - len(failed)
    waiting = f" {skipped} node(s) that depend on this were not built." if skipped else ""
    return f"The build on Spark has failed: {told}{more}.{waiting}"


def _words(result: NodeResult) -> str:
    """Return dbt's message in one line; Spark adds the statement and Java's stack to its own."""
    lines = [line.strip() for line in (result.message or result.status).splitlines() if line.strip()]
    return " ".join(lines[:2]).rstrip(".")
