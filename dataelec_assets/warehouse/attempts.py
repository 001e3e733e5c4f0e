"""Builds that failed: what the sensor must not ask for again at once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from dataelec_assets.house import House
from dataelec_assets.lake.files import read_as, read_json, write_json


@dataclass(frozen=True, slots=True)
class Attempt:
    """The last build that failed.

    Attributes:
        failures: how many have failed in a row.
        at: when the last one did (ISO, UTC).
        message: why.
    """

    failures: int
    at: str
    message: str

    @property
    def when(self) -> datetime:
        """Instant (UTC) of the last failure."""
        return datetime.fromisoformat(self.at)


def _path(house: House) -> Path:
    return house.paths.state / "_build.json"


def last_failure(house: House) -> Attempt | None:
    """Return the last failure; None when the last build went well, or none was ever tried."""
    path = _path(house)
    return read_as(Attempt, path, read_json(path)) if path.exists() else None


def note_attempt(house: House, message: str | None) -> None:
    """Remember how a build ended; ``message`` is None when it went well."""
    if message is None:
        _path(house).unlink(missing_ok=True)
        return
    known = last_failure(house)
    failures = (known.failures if known else 0) + 1
    write_json(house.paths, _path(house), asdict(Attempt(failures, house.now().astimezone(UTC).isoformat(), message)))
