"""`dataelec backfill`, without printing."""

from __future__ import annotations

from typing import get_args

from dataelec_assets.commands.outcomes import (
    RefreshOutcome,
    build_row,
    chosen,
    conclude,
    row_of,
    run_job,
    why_not_asked,
)
from dataelec_assets.errors import LakeError, WrongUsage
from dataelec_assets.ingest.observe import observe_sources
from dataelec_assets.lake.locks import refreshing
from dataelec_assets.lake.state import load_memory
from dataelec_assets.portals.partition_filters import UNDATED, where_of
from dataelec_assets.run_context import Off, RunContext
from dataelec_assets.settings import load_settings


def run_backfill(
    source: str,
    first: str,
    last: str,
    *,
    force: bool = False,
    quiet: bool = False,
    ctx: RunContext | None = None,
) -> RefreshOutcome:
    """Fetch a range of partitions of one source in one run, then build and publish.

    Partitions that the lake holds as the portal shows them are left out, so an interrupted backfill resumes where it
    stopped.

    Args:
        source: id of the data set.
        first: key of the first partition (``2013-01`` or ``2013``).
        last: key of the last one, included.
        force: fetch again what the lake holds already.
        quiet: show no progress.
        ctx: settings and folders; None: those of the environment.

    Raises:
        WrongUsage: the source is unknown, a key has not the form of its partitions, or the range is reversed.
        LakeError: partitions are missing afterwards.
        DataElecError: nothing new could be published.
    """
    ctx = (ctx or RunContext(load_settings())).asking([source])
    (dataset,) = chosen(ctx, [source])
    for key in (first, last):
        try:
            where_of(dataset, key)
        except ValueError as error:
            raise WrongUsage(f"{error}.", advice="Give the first and the last partition.") from error
    if first > last:
        raise WrongUsage(f"{source}: {first} comes after {last}.", advice="Give the first partition, then the last.")
    with refreshing(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        (observation,) = observe_sources(ctx, [dataset])
        if observation.report.error is not None or observation.report.outcome in ("absent", *get_args(Off)):
            outcome = RefreshOutcome([row_of(observation.report)])
            outcome.lines.extend([why_not_asked(dataset, why)] if (why := ctx.why_off(dataset)) else [])
            conclude(ctx, outcome, [observation.report])
            return outcome
        memory = load_memory(ctx.paths, dataset)
        asked = [key for key in sorted(memory.portal or memory.lake) if first <= key <= last and key != UNDATED]
        stale = {each.partition for each in observation.plan.to_fetch}
        wanted = [key for key in asked if force or key in stale]
        done = run_job(
            ctx,
            f"dataelec backfill {source} {first} {last}",
            known=[observation],
            quiet=quiet,
            sources=[dataset.id],
            partitions={dataset.id: wanted} if wanted else {},
        )
        outcome = RefreshOutcome([row_of(done.reports[dataset.id])], build=build_row(done))
        there = set(ctx.raw.partitions(dataset)) & set(ctx.parquet.index(dataset))
        missing = [key for key in asked if key not in there]
        outcome.lines.append(
            f"{len(asked)} partition(s) between {first} and {last} at the portal; {len(asked) - len(wanted)} were in "
            f"the lake already, {len(asked) - len(missing)} are now."
        )
        conclude(ctx, outcome, list(done.reports.values()))
        if missing and not outcome.exit_code:
            raise LakeError(
                f"{dataset.id}: {len(missing)} partition(s) are missing after the backfill, first {missing[0]}.",
                advice="Run the command again: it resumes where this one stopped.",
            )
        return outcome
