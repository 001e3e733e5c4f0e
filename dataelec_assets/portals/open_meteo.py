"""Client of Open-Meteo's forecast: what is in force now for every chief town, in one request.

The API has no version and shows no forecast that it has replaced (:mod:`.open_meteo_previous_runs` does). So the whole
reply is fetched to observe it; its content, without the time that the server took, shows whether it is new. A
new reply is kept as a vintage of its month, under the instant at which the server gave it: that instant decides which
forecasts of ours may use it.

The reply nests series by place and repeats the request; the lake keeps it as a table, without ``generationtime_ms`` and
the height of the model's cell.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

from dataelec_assets.catalog import Dataset
from dataelec_assets.catalog.chief_towns import CHIEF_TOWNS
from dataelec_assets.errors import ContractViolation
from dataelec_assets.portals.streams import BrokenBody, NotData, plain_chunks, whole_body
from dataelec_assets.portals.weather import Reply, WeatherPortal, issued_at, readable

PATH = "v1/forecast"

# Today and the seven days that a forecast of consumption looks ahead; two days back, so that yesterday is there from
# its first local hour to its last.
PAST_DAYS, FORECAST_DAYS = 2, 8

# The unit of each measure in the contract: the API has parameters for others.
UNITS = {"temperature_2m": "°C", "precipitation": "mm", "wind_speed_10m": "m/s"}

# A model answers for the cell that holds the point; the coarsest cells are a quarter of a degree wide.
_FARTHEST = 0.5

_COLUMNS = ("emise_a", "code_region", "instant", "latitude", "longitude", *UNITS)


class OpenMeteoPortal(WeatherPortal):
    """One request for all places."""

    path, columns = PATH, _COLUMNS

    def _asked(self) -> dict[str, str]:
        return parameters()

    def _ask(self, dataset: Dataset) -> Reply:
        def use(response: httpx.Response) -> Reply:
            body = whole_body(plain_chunks(response))
            places = places_of(body, response.headers.get("Content-Type", ""))
            with readable(dataset.id, str(response.url)):
                rows = tuple(place_rows(dataset, places, 24 * (PAST_DAYS + FORECAST_DAYS)))
            return Reply(issued_at(response.headers), rows, self.columns)

        return self._portal.ask(
            self._url,
            parameters(),
            use,
            dataset_id=dataset.id,
            silence=self._portal.timeouts.read,
            weight=weight(len(CHIEF_TOWNS), len(UNITS), PAST_DAYS + FORECAST_DAYS),
        )


def weight(places: int, variables: int, days: int) -> float:
    """Return what a call counts among those that Open-Meteo grants.

    Each place counts once, and more from ten variables on, or where variables and days together pass those of a
    fortnight of ten variables.
    """
    return places * max(1.0, variables / 10, variables / 10 * days / 14)


def parameters() -> dict[str, str]:
    """Return the parameters of the one request: every chief town, in the order of the codes."""
    return {
        **town_parameters(sorted(CHIEF_TOWNS)),
        "hourly": ",".join(UNITS),
        "wind_speed_unit": "ms",
        "timezone": "GMT",
        "past_days": str(PAST_DAYS),
        "forecast_days": str(FORECAST_DAYS),
    }


def town_parameters(codes: Iterable[str]) -> dict[str, str]:
    """Return the parameters that ask for the chief towns of some regions."""
    places = [CHIEF_TOWNS[code] for code in codes]
    return {
        "latitude": ",".join(f"{latitude:.4f}" for _, latitude, _ in places),
        "longitude": ",".join(f"{longitude:.4f}" for _, _, longitude in places),
    }


def places_of(body: bytes, media_type: str) -> list[Mapping[str, Any]]:
    """Return the places of a reply.

    Raises:
        NotData: HTML, or an error with a status of success.
        BrokenBody: the body ends early.
    """
    start = body.lstrip()[:1]
    if start in (b"<", b"{"):
        raise NotData(f"no list of places (announced as {media_type or 'nothing'})", body)
    try:
        found = json.loads(body)
    except ValueError as error:
        raise BrokenBody("the body is not a complete JSON document") from error
    if not isinstance(found, list):
        raise NotData("no list of places", body)
    return found


def place_rows(
    dataset: Dataset, places: Sequence[Mapping[str, Any]], wanted: int, expected: Mapping[str, str] = UNITS
) -> Iterator[tuple[str, ...]]:
    """Yield region, instant (UTC), latitude, longitude and measures, as texts.

    Args:
        dataset: for the message.
        places: one for each chief town, in the order of the codes.
        wanted: hours of each.
        expected: unit of each measure.

    Raises:
        ContractViolation: a place is missing or wrong, a unit or the clock is unexpected, or a series is too short.
    """
    codes = sorted(CHIEF_TOWNS)

    def require(holds: bool, what: str, column: str) -> None:  # noqa: FBT001 - reads as a sentence at the call
        if not holds:
            raise ContractViolation(what, dataset_id=dataset.id, column=column)

    require(len(places) == len(codes), f"{len(places)} places answer for {len(codes)}.", "code_region")
    for code, place in zip(codes, places, strict=True):
        town, latitude, longitude = CHIEF_TOWNS[code]
        found = (float(place["latitude"]), float(place["longitude"]))
        is_near = max(abs(found[0] - latitude), abs(found[1] - longitude)) <= _FARTHEST
        require(is_near, f"{found} answers for {town}.", "latitude")
        require(place["utc_offset_seconds"] == 0, f"the hours of {town} are not in UTC.", "instant")
        series, units = place["hourly"], place["hourly_units"]
        hours = series["time"]
        require(len(hours) == wanted, f"{town} has {len(hours)} hours of {wanted}.", "instant")
        for name, unit in expected.items():
            require(units[name] == unit, f"{name} is in {units[name]!r}, not in {unit!r}.", name)
            require(len(series[name]) == wanted, f"{town} has {len(series[name])} values of {wanted}.", name)
        # The same text for the same number, whether it is written 8 or 8.0.
        for hour, *values in zip(hours, *(series[name] for name in expected), strict=True):
            instant = datetime.fromisoformat(hour).replace(tzinfo=UTC).isoformat()
            texts = ("" if value is None else f"{float(value):g}" for value in values)
            yield (code, instant, f"{found[0]:g}", f"{found[1]:g}", *texts)
