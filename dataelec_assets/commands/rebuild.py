"""`dataelec rebuild`, without printing; other states than the present one are in `publications.py`."""

from __future__ import annotations

from typing import Any

from dataelec_assets.commands.outcomes import publication_row, run_job
from dataelec_assets.lake.locks import freshen, refreshing
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import load_settings


def run_rebuild(ctx: RunContext | None = None, *, quiet: bool = False) -> tuple[dict[str, Any], list[str]]:
    """Make the lake's Parquet and the warehouse again from the raw vintages.

    Args:
        ctx: settings and folders; None: those of the environment.
        quiet: show no progress.

    Returns:
        What was done, and the closing words.

    Raises:
        LakeError: there is no lake.
        DataElecError: a vintage does not fit the contract, or the build failed.
    """
    ctx = ctx or RunContext(load_settings())
    freshen(ctx.paths)
    ctx.paths.require()
    with refreshing(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        done = run_job(ctx, "dataelec rebuild", quiet=quiet, from_scratch=True)
    copies = sum(len(each.rebuilt) for each in done.copies)
    lines = [f"Rebuilt {copies} Parquet partitions from raw and every table."]
    if done.publication is not None:
        lines.append(f"Served: {done.publication.path} (publication {done.publication.publication_id}).")
    served = publication_row(done.publication) if done.publication else None
    return {"folder": str(ctx.paths.root), "partitions": copies, "publication": served}, lines
