"""What the portals that want a key say of the chief towns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dataelec_assets.catalog import load_catalog
from dataelec_assets.catalog.chief_towns import CHIEF_TOWNS
from tests.stubs import Stub

NOW, GFS = load_catalog()["meteo-actuelle-regions"], load_catalog()["previsions-gfs-regions"]


def weather(latitude: float, longitude: float, temperature: float = 8.5, at: int = 1774691100) -> dict[str, Any]:
    """Return a reply of OpenWeatherMap, of the shape of the real ones; by default of 2026-03-28, 09:45 UTC."""
    return {
        "coord": {"lon": round(longitude, 4), "lat": round(latitude, 4)},
        "weather": [{"id": 500, "main": "Rain", "description": "light rain", "icon": "10d"}],
        "main": {"temp": temperature, "feels_like": 8, "pressure": 1020, "humidity": 62},
        "wind": {"speed": 7.2, "deg": 240},
        "rain": {"1h": 0.4},
        "clouds": {"all": 75},
        "dt": at,
        "cod": 200,
    }


def step(temperature: float | None = 282.7) -> dict[str, Any]:
    """Return a step of Infoclimat, of the shape of the real one."""
    return {
        "temperature": {"2m": temperature, "sol": 285},
        "pression": {"niveau_de_la_mer": 103080},
        "pluie": 1.2,
        "humidite": {"2m": 91.6},
        "vent_moyen": {"10m": 12.7},
        "vent_rafales": {"10m": 40.4},
    }


def forecast() -> dict[str, Any]:
    """Return a reply of Infoclimat over the spring change of clocks, later step first."""
    return {
        "request_state": 200,
        "request_key": "told back",
        "message": "OK",
        "model_run": "06",
        "source": "internal:GFS:1",
        "2026-03-29 05:00:00": step(280),
        "2026-03-29 01:00:00": step(),
    }


def publish_weather(portals: Stub, issued: datetime, **about: float) -> None:
    """Let OpenWeatherMap say something of each chief town, see :func:`weather`."""
    places = [weather(*CHIEF_TOWNS[code][1:], **about) for code in sorted(CHIEF_TOWNS)]  # type: ignore[arg-type]
    portals.publish_weather(NOW.portal, NOW.id, places, issued)


def publish_forecast(portals: Stub, issued: datetime) -> None:
    """Let Infoclimat say something of each chief town."""
    towns = [CHIEF_TOWNS[code][1:] for code in sorted(CHIEF_TOWNS)]
    places = [{"coord": {"lat": latitude, "lon": longitude}, **forecast()} for latitude, longitude in towns]
    portals.publish_weather(GFS.portal, GFS.id, places, issued)
