"""Failed builds, which the sensor must not repeat at once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from dataelec_assets.lake.atomic_files import read_as, read_json, remove, write_json
from dataelec_assets.run_context import RunContext


@dataclass(frozen=True, slots=True)
class Attempt:
    """The last build that failed.

    Attributes:
        failures: consecutive failures.
        at: time of the last one (ISO, UTC).
        message: why.
    """

    failures: int
    at: str
    message: str

    @property
    def when(self) -> datetime:
        """Instant (UTC) of the last failure."""
        return datetime.fromisoformat(self.at)


def _path(ctx: RunContext) -> Path:
    return ctx.paths.state / "build.json"


def last_failure(ctx: RunContext) -> Attempt | None:
    """Return the last failure; None when the last build succeeded, or none was ever tried."""
    path = _path(ctx)
    return read_as(Attempt, path, read_json(path)) if path.exists() else None


def note_attempt(ctx: RunContext, message: str | None) -> None:
    """Record how a build ended; ``message`` is None for a success."""
    if message is None:
        remove(_path(ctx))
        return
    known = last_failure(ctx)
    failures = (known.failures if known else 0) + 1
    write_json(ctx.paths, _path(ctx), asdict(Attempt(failures, ctx.now().astimezone(UTC).isoformat(), message)))
