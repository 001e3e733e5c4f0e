"""The weather portals, as far as our clients ask them: each gives what is in force now for the places asked for.

Open-Meteo: one place is an object, several are a list; a duration that is never twice the same; a daily mean or hours
of the past from its archive, null where it has none. OpenWeatherMap and Infoclimat want a key: the one refuses another
with 401, the other under a status of success.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from statistics import fmean
from typing import Any
from zoneinfo import ZoneInfo

from tests.stubs.replies import Refused, Reply, as_json

PATHS = {
    "open-meteo": "v1/forecast",
    "open-meteo-archive": "v1/archive",
    "open-meteo-previous-runs": "v1/forecast",
    "openweathermap": "data/2.5/weather",
    "infoclimat": "public-api/gfs/json",
}

# The keys that are known: as the setting holds them.
OPENWEATHERMAP_KEY = "cle-de-demonstration"
INFOCLIMAT_KEY = "_auth=cle%20de+demonstration&_c=controle"
_KEYS = {
    "openweathermap": {"appid": OPENWEATHERMAP_KEY},
    "infoclimat": {"_auth": "cle de demonstration", "_c": "controle"},
}

# The coarsest models answer for cells of a quarter of a degree.
_FARTHEST = 0.5
_SHORTEST_DAY = 23

Place = Mapping[str, Any]

_durations = itertools.count(1)


@dataclass(frozen=True, slots=True)
class InForce:
    """What a portal says now.

    Attributes:
        dataset: id of the data set that our catalogue makes of it.
        places: as a request for all of them gets them.
        issued: when it says so, UTC.
    """

    dataset: str
    places: Sequence[Place]
    issued: datetime


def answer(api: str, in_force: InForce, asked: Mapping[str, str]) -> Reply:
    """Answer a request.

    Raises:
        Refused: the key is another one, or the place is nowhere near.
    """
    wanted = _KEYS.get(api, {})
    if any(asked.get(name) != key for name, key in wanted.items()):
        if api == "infoclimat":
            return as_json({"request_state": 403, "message": "authentication", "model_run": "", "source": ""})
        raise Refused(401, "Invalid API key. Please see https://openweathermap.org/faq#error401")
    date_header = {"Date": format_datetime(in_force.issued.astimezone(UTC), usegmt=True)}
    if api == "openweathermap":
        return as_json(_nearest(in_force.places, float(asked["lat"]), float(asked["lon"])), headers=date_header)
    if api == "infoclimat":
        latitude, _, longitude = asked["_ll"].partition(",")
        found = dict(_nearest(in_force.places, float(latitude), float(longitude)))
        return as_json({name: value for name, value in found.items() if name != "coord"}, headers=date_header)
    cut = _forecast if api == "open-meteo" else _past
    points = zip(asked["latitude"].split(","), asked["longitude"].split(","), strict=True)
    body = [cut(_nearest(in_force.places, float(lat), float(lon)), in_force.issued, asked) for lat, lon in points]
    return as_json(body if len(body) > 1 else body[0], headers=date_header)


def _nearest(places: Sequence[Place], latitude: float, longitude: float) -> Place:
    def distance(place: Place) -> float:
        there = (
            (place["coord"]["lat"], place["coord"]["lon"])
            if "coord" in place
            else (place["latitude"], place["longitude"])
        )
        return float(max(abs(there[0] - latitude), abs(there[1] - longitude)))

    found = min(places, key=distance)
    if distance(found) > _FARTHEST:
        raise Refused(400, "No data is available for this location")
    return found


def _forecast(place: Place, issued: datetime, asked: Mapping[str, str]) -> dict[str, Any]:
    """Return the hours from some days before today to some days ahead."""
    today = issued.replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - timedelta(days=int(asked.get("past_days", "0")))
    last = today + timedelta(days=int(asked.get("forecast_days", "7")))
    return _hours(place, asked, [first + timedelta(hours=each) for each in range((last - first).days * 24)])


def _past(place: Place, _: datetime, asked: Mapping[str, str]) -> dict[str, Any]:
    """Return the hours of some days, or the daily means of the temperature."""
    first, last = (date.fromisoformat(asked[name]) for name in ("start_date", "end_date"))
    days = [first + timedelta(days=each) for each in range((last - first).days + 1)]
    if "daily" not in asked:
        hours = [datetime(day.year, day.month, day.day, hour, tzinfo=UTC) for day in days for hour in range(24)]
        return _hours(place, asked, hours)
    zone, by_day = ZoneInfo(asked["timezone"]), dict[date, list[float]]()
    for instant, temperature in _series(place, "temperature_2m").items():
        if temperature is not None:
            by_day.setdefault(instant.astimezone(zone).date(), []).append(temperature)
    known = {day: values for day, values in by_day.items() if len(values) >= _SHORTEST_DAY}
    means = [round(fmean(known[day]), 1) if day in known else None for day in days]
    return {
        "latitude": place["latitude"],
        "longitude": place["longitude"],
        "daily_units": {"time": "iso8601", asked["daily"]: place["hourly_units"]["temperature_2m"]},
        "daily": {"time": [day.isoformat() for day in days], asked["daily"]: means},
    }


def _hours(place: Place, asked: Mapping[str, str], hours: Sequence[datetime]) -> dict[str, Any]:
    measures = asked["hourly"].split(",")
    unknown = [name for name in measures if name not in place["hourly"]]
    if unknown:
        raise Refused(400, f"Cannot initialize variable from invalid String value {unknown[0]}")
    series = {name: _series(place, name) for name in measures}
    return {
        "latitude": place["latitude"],
        "longitude": place["longitude"],
        "generationtime_ms": next(_durations) / 1000,
        "utc_offset_seconds": 0,
        "timezone": "GMT",
        "hourly_units": {name: place["hourly_units"][name] for name in ("time", *measures)},
        "hourly": {
            "time": [f"{hour:%Y-%m-%dT%H:%M}" for hour in hours],
            **{name: [known.get(hour) for hour in hours] for name, known in series.items()},
        },
    }


def _series(place: Place, measure: str) -> dict[datetime, float | None]:
    instants = (datetime.fromisoformat(hour).replace(tzinfo=UTC) for hour in place["hourly"]["time"])
    return dict(zip(instants, place["hourly"][measure], strict=True))
