"""``sources.lock``: the exact raw vintages that a publication was built from, so that it can be built again.

Vintages are never changed and only ever added, in the order of their names. So the last name, the number of vintages
and a digest of all their names say exactly which ones they were, in a few bytes a partition.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from dataelec_assets import __version__
from dataelec_assets.errors import LakeError
from dataelec_assets.lake.atomic_files import read_json, remove, write_json
from dataelec_assets.lake.raw import Vintage
from dataelec_assets.run_context import RunContext

# Ten days of publications every half-hour; each takes about 100 kB for 300 partitions.
_KEPT = 500

_FORM = 1


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that was read.

    Attributes:
        publication_id: what was published.
        project: digest of the models that built it.
        sources: per data set and partition, ``last``, ``vintages`` and ``digest``.
    """

    publication_id: str
    project: str
    sources: Mapping[str, Mapping[str, Mapping[str, Any]]]

    def selection(self) -> Callable[[Vintage], bool]:
        """Return which vintages belong to the publication."""

        def is_locked(vintage: Vintage) -> bool:
            entry = self.sources.get(vintage.dataset_id, {}).get(vintage.partition)
            return (
                entry is not None and vintage.name <= entry["last"] and vintage.name not in entry.get("quarantine", ())
            )

        return is_locked


def digest_of_names(names: Sequence[str]) -> str:
    """Return the digest of the names of vintages, oldest first."""
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def _link(ctx: RunContext) -> Path:
    return ctx.paths.serving / "sources.lock"


def _file(ctx: RunContext, identifier: str) -> Path:
    return ctx.paths.serving / "locks" / f"{identifier}.lock"


def write_lock(ctx: RunContext, identifier: str, published_at: datetime, project: str) -> None:
    """Write the lock of a publication that is about to be served.

    What the last lock says of a partition is taken from it when the partition has the same vintages.
    """
    before = _last(ctx)
    sources: dict[str, dict[str, Mapping[str, Any]]] = {}
    sound, raw = ctx.sound, ctx.raw
    for dataset in ctx.catalog.values():
        partitions = sources[dataset.id] = {}
        for partition in sound.partitions(dataset):
            names = sound.names(dataset, partition)
            if not names:
                continue
            held = sorted({*raw.names(dataset, partition)} - {*names})
            known, digest = before.get(dataset.id, {}).get(partition, {}), digest_of_names(names)
            if known.get("digest") == digest and known.get("quarantine", []) == held:
                partitions[partition] = known
                continue
            newest = sound.newest(dataset.id, partition)
            if newest is not None:
                partitions[partition] = {
                    **({"quarantine": held} if held else {}),
                    "last": names[-1],
                    "vintages": len(names),
                    "digest": digest,
                    "sha256": newest.sha256,
                    "portal_version": newest.portal_version,
                    "rows": newest.rows,
                }
    content = {
        "form": _FORM,
        "publication_id": identifier,
        "published_at": published_at.isoformat(),
        "code": __version__,
        "project": project,
        "sources": sources,
    }
    write_json(ctx.paths, _file(ctx, identifier), content, indent=None)


def _last(ctx: RunContext) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """Return the sources of the last lock; none when there is none that this version can read."""
    try:
        return read_lock(_link(ctx)).sources
    except (LakeError, KeyError):
        return {}


def show_lock(ctx: RunContext, identifier: str) -> None:
    """Point ``sources.lock`` to the lock of what is served now, and remove the oldest locks."""
    draft = _link(ctx).with_name(f"sources.lock.{uuid4().hex[:8]}")
    draft.symlink_to(Path("locks") / f"{identifier}.lock")
    draft.replace(_link(ctx))
    for left in ctx.paths.serving.glob("sources.lock.*"):
        left.unlink()  # by a refresh that was killed
    locks = sorted(_file(ctx, identifier).parent.glob("*.lock"), key=lambda path: path.stat().st_mtime)
    for old in locks[:-_KEPT]:
        remove(old)


def locked_publication(ctx: RunContext) -> str | None:
    """Return the publication of ``sources.lock``; None when there is none."""
    return _link(ctx).resolve().stem if _link(ctx).exists() else None


def read_lock(path: Path) -> Lock:
    """Return a lock.

    Raises:
        LakeError: the file is missing, damaged, or of another form.
    """
    if not path.exists():
        raise LakeError(f"{path} does not exist.", advice="Name a file such as lake/serving/sources.lock.")
    content = read_json(path)
    if not isinstance(content, dict) or content.get("form") != _FORM:
        raise LakeError(
            f"{path} is not a lock of this version.", advice="Name a file such as lake/serving/sources.lock."
        )
    return Lock(content["publication_id"], content["project"], content["sources"])


def verify_lock(ctx: RunContext, lock: Lock) -> None:
    """Make sure that every vintage of a lock is there.

    Args:
        ctx: reads the vintages that the lock selects.
        lock: what they are compared with.

    Raises:
        LakeError: naming the first partition whose vintages are not those of the lock.
    """
    for dataset_id, partitions in lock.sources.items():
        dataset = ctx.catalog.get(dataset_id)
        for partition, entry in partitions.items():
            names = ctx.raw.names(dataset, partition) if dataset is not None else []
            if digest_of_names(names) != entry["digest"]:
                raise LakeError(
                    f"{dataset_id} {partition}: the lock names {entry['vintages']} vintage(s) up to {entry['last']}, "
                    f"the lake has {len(names)} of them.",
                    advice="Restore raw/ from a backup, or choose a later lock.",
                )
