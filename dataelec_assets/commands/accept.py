"""`dataelec accept`, without printing."""

from __future__ import annotations

from dataelec_assets.commands.outcomes import RefreshOutcome, build_row, chosen, conclude, run_job
from dataelec_assets.ingest.copies import copy_again
from dataelec_assets.lake.locks import freshen, refreshing
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import load_settings
from dataelec_assets.warehouse.quarantine import accept


def run_accept(source: str, partition: str, ctx: RunContext | None = None) -> RefreshOutcome:
    """Take what is in quarantine of a partition as it is, then build and publish.

    Args:
        source: id of the data set.
        partition: its key.
        ctx: settings and folders; None: those of the environment.

    Raises:
        WrongUsage: the source is unknown, or nothing of the partition is in quarantine.
        LakeError: there is no lake.
        DataElecError: nothing new could be published.
    """
    ctx = ctx or RunContext(load_settings())
    chosen(ctx, [source])
    freshen(ctx.paths)
    ctx.paths.require()
    with refreshing(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        accept(ctx, source, partition)
        copy_again(ctx, {(source, partition)})
        done = run_job(ctx, f"dataelec accept {source} {partition}", quiet=True, observe=False)
        outcome = RefreshOutcome([], build=build_row(done))
        conclude(ctx, outcome, [])
        return outcome
