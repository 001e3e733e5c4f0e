"""Another state of the warehouse, built in a folder of its own from this lake's raw vintages, without network.

Either as it could have been known at an instant, or as it was published under a lock. The lake's own copies, tables and
served file are not touched.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from dataelec_assets.errors import LakeError
from dataelec_assets.lake.raw import Vintage
from dataelec_assets.lake.state import SourceState, save_state
from dataelec_assets.pipeline import Outcome, rebuild_from_raw
from dataelec_assets.run_context import RunContext
from dataelec_assets.warehouse.lock import Lock, verify_lock


def as_of_folder(ctx: RunContext, instant: datetime) -> Path:
    """Return where the warehouse as of an instant is built by default."""
    return ctx.paths.root / "as-of" / f"{instant.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def locked_folder(ctx: RunContext, lock: Lock) -> Path:
    """Return where a locked publication is built by default."""
    return ctx.paths.root / "rebuilt" / lock.publication_id


def rebuild_as_of(ctx: RunContext, instant: datetime, folder: Path) -> Outcome:
    """Build the warehouse as it could have been known at an instant.

    A vintage counts when the portal had processed its content by then, even if it was copied later; what was only
    published later does not. Real-time rows that had left the portal by then are there, as in any refresh.

    Args:
        ctx: the lake whose vintages are read.
        instant: with offset.
        folder: where to build.

    Raises:
        LakeError: nothing that this lake has could be known by then, or a vintage is damaged.
        WarehouseError: the tables could not be built.
    """

    def was_known(vintage: Vintage) -> bool:
        return vintage.known_at <= instant

    return _rebuild(replace(ctx, selection=was_known), folder, f"could be known at {instant.isoformat()}")


def rebuild_locked(ctx: RunContext, lock: Lock, folder: Path) -> Outcome:
    """Build the tables of a publication again.

    Args:
        ctx: the lake whose vintages are read.
        lock: of the publication.
        folder: where to build.

    Raises:
        LakeError: a vintage of the lock is missing or damaged.
        WarehouseError: the tables could not be built.
    """
    selected = replace(ctx, selection=lock.selection())
    verify_lock(selected, lock)
    return _rebuild(selected, folder, "is in the lock")


def _rebuild(selected: RunContext, folder: Path, condition: str) -> Outcome:
    rebuilt = replace(
        selected,
        settings=replace(selected.settings, lake=folder),
        raw_from=selected.paths,
    )
    known = False
    for dataset in rebuilt.catalog.values():
        newest = [rebuilt.raw.newest(dataset.id, partition) for partition in rebuilt.raw.partitions(dataset)]
        there = [vintage for vintage in newest if vintage is not None]
        if there:
            known = True
            version = max(vintage.portal_version for vintage in there)
            state = SourceState(version, version, status="fresh", synthetic=any(each.synthetic for each in there))
            save_state(rebuilt.paths, dataset, state)
    if not known:
        raise LakeError(f"No vintage of this lake {condition}.", advice="The first vintages are of the first refresh.")
    return rebuild_from_raw(rebuilt)
