"""Whether a folder of files stands as it did when raw held all of it: then nobody looks at its partitions.

A portal says so by its version. The version of a folder is a date in the names of its files, which may stay while the
files change, so what counts is the folder's own signature of them. It is noted only where nothing depends on the clock:
whatever has no sums, or needs a warning, is looked at each time. Copies play no part: they are compared anyway.
"""

from __future__ import annotations

from dataelec_assets.catalog import Dataset
from dataelec_assets.portals.client import DatasetMetadata
from dataelec_assets.run_context import RunContext


def standing(ctx: RunContext, dataset: Dataset, metadata: DatasetMetadata) -> str | None:
    """Return a text that stays the same while neither the files nor the partitions in raw move.

    Args:
        ctx: settings and folders.
        dataset: the source.
        metadata: what the folder says of it.

    Returns:
        The text; None of a portal, which signs nothing, and while raw has nothing.
    """
    manifests = ctx.raw.pending(dataset.id).parent
    if metadata.signature is None or not manifests.exists():
        return None
    # The time of the folder moves when a partition is taken away by hand, which is then fetched again.
    return f"{metadata.signature} {manifests.stat().st_mtime_ns}"
