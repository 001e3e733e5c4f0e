"""What Open-Meteo's Previous Runs API answers: each value tells its hour and by how many days before it was said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from dataelec_assets.catalog.chief_towns import CHIEF_TOWNS
from dataelec_assets.portals.open_meteo_previous_runs import LEADS, NAMES

Said = Callable[[datetime, int], float | None]


def said(instant: datetime, lead: int) -> float | None:
    """Return the hour, and a hundredth for each day before."""
    return round(instant.hour + lead / 100, 2)


def runs(
    first: date, last: date, say: Said = said, *, names: Sequence[str] = NAMES, codes: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Return the hours of two days (UTC) and those between, of every chief town or of some."""
    begin = datetime(first.year, first.month, first.day, tzinfo=UTC)
    instants = [begin + timedelta(hours=each) for each in range(24 * ((last - first).days + 1))]
    series = {NAMES[lead]: [say(each, lead) for each in instants] for lead in LEADS if NAMES[lead] in names}
    return [
        {
            "latitude": round(latitude, 2),
            "longitude": round(longitude, 2),
            "generationtime_ms": 0.3,
            "utc_offset_seconds": 0,
            "timezone": "GMT",
            "hourly_units": {"time": "iso8601", **dict.fromkeys(names, "°C")},
            "hourly": {"time": [f"{each:%Y-%m-%dT%H:%M}" for each in instants], **series},
        }
        for code, (_, latitude, longitude) in sorted(CHIEF_TOWNS.items())
        if not codes or code in codes
    ]
