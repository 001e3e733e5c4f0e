"""What the commands on publications do, without printing: other states of the warehouse, and their comparison."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dataelec_assets.commands.outcomes import publication_row
from dataelec_assets.errors import WrongUsage
from dataelec_assets.lake.locks import freshen
from dataelec_assets.rebuild import as_of_folder, locked_folder, rebuild_as_of, rebuild_locked
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import load_settings
from dataelec_assets.warehouse.diff import compare_publications
from dataelec_assets.warehouse.lock import read_lock
from dataelec_assets.warehouse.project import project_digest


def rebuild_state(
    *, as_of: str | None, lock: Path | None, folder: Path | None, ctx: RunContext | None = None
) -> tuple[dict[str, Any], list[str]]:
    """Build another state of the warehouse in a folder of its own; return what was built, and closing words.

    Args:
        as_of: instant (ISO; UTC unless it has an offset) at which the state could have been known.
        lock: lock of the publication that is built again.
        folder: where to build; None: below the lake.
        ctx: settings and folders; None: those of the environment.

    Raises:
        WrongUsage: the options do not go together, the instant cannot be read or is to come.
        DataElecError: the state cannot be built.
    """
    if (as_of is None) == (lock is None):
        raise WrongUsage("Give either --as-of or --lock.", advice="`dataelec rebuild --help` explains both.")
    ctx, lines = ctx or RunContext(load_settings()), []
    freshen(ctx.paths)
    if as_of is not None:
        instant = _instant(as_of)
        if instant > ctx.now():
            raise WrongUsage(f"--as-of {as_of!r} is to come.", advice="Give an instant that has passed.")
        target = (folder or as_of_folder(ctx, instant)).resolve()
        _require_apart(ctx, target)
        outcome = rebuild_as_of(ctx, instant, target)
    else:
        locked = read_lock(Path(lock or ""))
        target = (folder or locked_folder(ctx, locked)).resolve()
        _require_apart(ctx, target)
        if locked.project != project_digest():
            lines.append("The models are no longer those of the lock: the same vintages, built by the present models.")
        outcome = rebuild_locked(ctx, locked, target)
    if outcome.publication is not None:
        lines.append(f"Built: {outcome.publication.path} (publication {outcome.publication.publication_id}).")
    else:
        lines.append(f"{target} is there already and up to date.")
    built = publication_row(outcome.publication) if outcome.publication else None
    copies = sum(len(each.rebuilt) for each in outcome.copies)
    return {"folder": str(target), "partitions": copies, "publication": built}, lines


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise WrongUsage(
            f"--as-of {text!r} is not an instant.", advice="Write it as 2026-05-21T00:00Z or 2026-05-21."
        ) from error
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _require_apart(ctx: RunContext, target: Path) -> None:
    """Refuse the lake itself: its served file is never replaced by an older state."""
    if target == ctx.paths.root:
        raise WrongUsage(f"{target} is the lake itself.", advice="Choose another folder with --to.")


def differences(before: Path, after: Path) -> list[dict[str, Any]]:
    """Return one row per difference between two publications."""
    return [{**asdict(each), "columns": ", ".join(each.columns)} for each in compare_publications(before, after)]
