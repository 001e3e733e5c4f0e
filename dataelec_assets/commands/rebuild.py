"""`dataelec rebuild`, without printing; other states than the present one are in `publications.py`."""

from __future__ import annotations

from dataelec_assets.commands.outcomes import run_job
from dataelec_assets.lake.atomic_files import refreshing
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import load_settings


def run_rebuild(ctx: RunContext | None = None) -> list[str]:
    """Make the lake's Parquet and the warehouse again from the raw vintages.

    Raises:
        DataElecError: a vintage does not fit the contract, or the build failed.
    """
    ctx = ctx or RunContext(load_settings())
    with refreshing(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        done = run_job(ctx, "dataelec rebuild", quiet=True, from_scratch=True)
    copies = sum(len(each.rebuilt) for each in done.copies)
    lines = [f"Rebuilt {copies} Parquet partitions from raw and every table."]
    if done.publication is not None:
        lines.append(f"Served: {done.publication.path} (publication {done.publication.publication_id}).")
    return lines
