"""`dataelec refresh`, without printing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dataelec_assets.catalog import Dataset
from dataelec_assets.commands.complaints import complaints
from dataelec_assets.commands.outcomes import (
    RefreshOutcome,
    build_row,
    chosen,
    conclude,
    exit_code,
    named,
    row_of,
    run_job,
    why_not_asked,
)
from dataelec_assets.ingest.copies import stale_copies
from dataelec_assets.ingest.editions import last_year
from dataelec_assets.ingest.observe import observe_sources
from dataelec_assets.lake.atomic_files import touch
from dataelec_assets.lake.locks import refreshing
from dataelec_assets.portals.folder.layout import Layout
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import load_settings
from dataelec_assets.warehouse.up_to_date import is_behind

if TYPE_CHECKING:
    from dataelec_assets.ingest.audit import Audit


def run_refresh(
    ids: Sequence[str] | None = None,
    *,
    accept_shrink: bool = False,
    quiet: bool = False,
    thorough: bool = False,
    audit: bool = False,
    folder: Path | None = None,
    ctx: RunContext | None = None,
) -> RefreshOutcome:
    """Bring everything up to date; see :func:`dataelec_assets.cli.refresh`.

    Args:
        ids: data sets; None: all.
        accept_shrink: keep arrivals that have lost more than a quarter of their rows.
        quiet: show no progress.
        thorough: look at every Parquet partition, also where nothing has arrived.
        audit: first compare all that the lake holds with the sums of the portals.
        folder: published files to read instead of asking the portals; None: as the settings say.
        ctx: settings and folders; None: those of the environment.

    Raises:
        DataElecError: nothing new could be published.
    """
    ctx = (ctx or RunContext(load_settings(folder=folder))).asking(ids or ())
    datasets = chosen(ctx, ids)
    with refreshing(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        if thorough:
            for dataset in datasets:
                if stale_copies(ctx, dataset, thorough=True):
                    touch(ctx.raw.pending(dataset.id))
        audits = _audited(ctx, datasets) if audit else []
        observations = observe_sources(ctx, datasets)
        reports = {each.dataset.id: each.report for each in observations}
        outcome = RefreshOutcome([], lines=_audit_lines(audits))
        if any(each.plan.stale for each in observations) or is_behind(ctx):
            done = run_job(
                ctx,
                "dataelec refresh",
                known=observations,
                quiet=quiet,
                sources=[each.id for each in datasets],
                accept_shrink=accept_shrink,
            )
            reports, outcome.build = done.reports, build_row(done)
        outcome.sources = [row_of(reports[each.dataset.id]) for each in observations]
        outcome.lines.extend(
            why_not_asked(ctx.catalog[each], why) for each in ids or () if (why := ctx.why_off(ctx.catalog[each]))
        )
        outcome.lines.extend(folder_findings(ctx))
        conclude(ctx, outcome, list(reports.values()))
        return outcome


def folder_findings(ctx: RunContext) -> list[str]:
    """Return what the folder of published files holds and is not read, and what it lacks; nothing without a folder."""
    if ctx.settings.folder is None:
        return []
    return Layout(ctx.settings.folder, ctx.published_by).findings(ctx.catalog.values(), last_year(ctx.now()))


def _audited(ctx: RunContext, datasets: Sequence[Dataset]) -> list[Audit]:
    from dataelec_assets.ingest.audit import audit_sources

    return audit_sources(ctx, datasets)


def _audit_lines(audits: Sequence[Audit]) -> list[str]:
    if not audits:
        return []
    compared = [each for each in audits if each.has_sums and each.error is None]
    without = [each.dataset_id for each in audits if not each.has_sums]
    lines = [line for each in audits for line in each.lines()]
    lines.extend(named(each.dataset_id, each.error) for each in audits if each.error is not None)
    lines.append(
        f"Audit: {sum(each.proved for each in compared)} partition(s) of {len(compared)} data set(s) hold what the "
        f"portal sums up, {sum(len(each.wrong) for each in compared)} differ, "
        f"{sum(each.moved for each in compared)} have moved since."
    )
    if without:
        lines.append(
            f"The portals give no sums of {', '.join(without)}: length, checksum or row count are all there is."
        )
    return lines


def dry_run(
    ids: Sequence[str] | None = None, ctx: RunContext | None = None, *, folder: Path | None = None
) -> tuple[list[dict[str, Any]], list[str], int]:
    """Ask the portals what is stale and fetch nothing.

    Returns:
        One row per stale partition; closing words; the exit code, as of a refresh to which the portals answer the same.
    """
    ctx = (ctx or RunContext(load_settings(folder=folder))).asking(ids or ())
    observations = observe_sources(ctx, chosen(ctx, ids))
    rows = [
        {"dataset_id": each.dataset.id, "partition": stale.partition, "reason": stale.reason}
        for each in observations
        for stale in each.plan.stale
    ]
    lines = complaints(ctx, ((each.dataset.id, each.report.error) for each in observations if each.report.error))
    lines.extend(folder_findings(ctx))
    failed = sum(each.report.outcome == "failed" for each in observations)
    unknown = f", {failed} could not be asked" if failed else ""
    lines.append(f"{len(rows)} partition(s) of {len(observations)} data sets are stale{unknown}; nothing was fetched.")
    return rows, lines, exit_code(ctx, [each.report for each in observations])
