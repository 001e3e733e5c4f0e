"""Client of OpenWeatherMap's current weather for each chief town, with a key.

Documented at openweathermap.org/current; checked against three real replies for Paris (2021, 2022 and 2025, metric and
standard units). A reply does not name its units: the request asks for metric ones, and a temperature that can only be
in kelvins is read as such. Fahrenheit is never requested; it could not be distinguished from Celsius.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from dataelec_assets.catalog import Dataset
from dataelec_assets.catalog.chief_towns import CHIEF_TOWNS
from dataelec_assets.errors import ContractViolation
from dataelec_assets.portals.weather import TownByTownPortal, number

PATH = "data/2.5/weather"

# 0 °C in kelvins. No temperature on Earth is above 150 in degrees Celsius or below it in kelvins: the records of the
# WMO are -89.2 °C (184 K) and 56.7 °C.
KELVIN_AT_ZERO = 273.15
_KELVIN_FROM = 150.0
_COLDEST_C, _WARMEST_C = -90.0, 60.0

# Degrees between the place of the request and that of the reply, which is the same one, rounded.
_FARTHEST = 0.5

_COLUMNS = (
    "emise_a",
    "code_region",
    "instant",
    "latitude",
    "longitude",
    "temperature",
    "humidite",
    "pression",
    "vent",
    "rafale",
    "pluie_1h",
    "nebulosite",
)


class OpenWeatherMapPortal(TownByTownPortal):
    """One request for each chief town: 13 to observe, 26 when there is news; a free key allows 60 a minute."""

    path, columns = PATH, _COLUMNS

    def _parameters(self, latitude: float, longitude: float) -> dict[str, str]:
        return {"lat": f"{latitude:.4f}", "lon": f"{longitude:.4f}", "units": "metric"}

    def _rows(self, dataset: Dataset, code: str, document: Mapping[str, Any]) -> Iterable[tuple[str, ...]]:
        row = current_weather(document)
        town, latitude, longitude = CHIEF_TOWNS[code]
        found = (float(row[1]), float(row[2]))
        if max(abs(found[0] - latitude), abs(found[1] - longitude)) > _FARTHEST:
            raise ContractViolation(f"{found} answers for {town}.", dataset_id=dataset.id, column="latitude")
        if not _COLDEST_C <= float(row[3]) <= _WARMEST_C:
            raise ContractViolation(
                f"{row[3]} °C at {town}: is the unit not the requested one?",
                dataset_id=dataset.id,
                column="temperature",
            )
        yield row


def current_weather(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Return one reply as texts.

    Args:
        document: the reply, in metric or standard units: wind in m/s in both.

    Returns:
        Instant of the observation (UTC), latitude, longitude, temperature (°C), humidity (%), pressure (hPa), wind and
        gust (m/s), rain of the last hour (mm), cloud cover (%). Empty where the reply has no value: a missing ``rain``
        may mean that none fell or that none was measured.

    Raises:
        KeyError, TypeError, ValueError: the reply lacks a member that every reply has.
    """
    main, wind, place = document["main"], document["wind"], document["coord"]
    temperature = float(main["temp"])
    if temperature > _KELVIN_FROM:
        temperature = round(temperature - KELVIN_AT_ZERO, 2)
    return (
        datetime.fromtimestamp(int(document["dt"]), UTC).isoformat(),
        number(place["lat"]),
        number(place["lon"]),
        number(temperature),
        number(main["humidity"]),
        number(main["pressure"]),
        number(wind["speed"]),
        number(wind.get("gust")),
        number(document.get("rain", {}).get("1h")),
        number(document.get("clouds", {}).get("all")),
    )
