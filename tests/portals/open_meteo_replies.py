"""What Open-Meteo answers for the thirteen chief towns, with the oddities of its replies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from dataelec_assets.catalog.chief_towns import CHIEF_TOWNS
from dataelec_assets.portals.open_meteo import FORECAST_DAYS, PAST_DAYS

NOON = datetime(2026, 3, 28, 9, 48, tzinfo=UTC)
HOURS = 24 * (PAST_DAYS + FORECAST_DAYS)


def places(issued: datetime = NOON, *, warmer: float = 0.0, took_ms: float = 0.08) -> list[dict[str, Any]]:
    """Return a reply: a temperature that identifies place and hour, the cell of the model beside the town."""
    first = issued.replace(hour=0, minute=0) - timedelta(days=PAST_DAYS)
    hours = [first + timedelta(hours=each) for each in range(HOURS)]
    return [
        {
            "latitude": round(latitude, 2),
            "longitude": round(longitude + 0.1, 7),
            "generationtime_ms": took_ms,
            "utc_offset_seconds": 0,
            "timezone": "GMT",
            "timezone_abbreviation": "GMT",
            "elevation": 36.0,
            **({} if number == 0 else {"location_id": number}),
            "hourly_units": {
                "time": "iso8601",
                "temperature_2m": "°C",
                "precipitation": "mm",
                "wind_speed_10m": "m/s",
            },
            "hourly": {
                "time": [f"{hour:%Y-%m-%dT%H:%M}" for hour in hours],
                "temperature_2m": [round(number + row / 100 + warmer, 2) for row in range(HOURS)],
                "precipitation": [None, *[0] * (HOURS - 1)],
                "wind_speed_10m": [3.5] * HOURS,
            },
        }
        for number, (_, latitude, longitude) in enumerate(CHIEF_TOWNS[code] for code in sorted(CHIEF_TOWNS))
    ]
