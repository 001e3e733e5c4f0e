"""Infoclimat's forecast from the GFS model, for each chief town, with a key.

Checked against one real step (Paris, October 2018). It proves the members, kelvins, pascals and that keys are local
instants: 23:00 is one of GFS's three-hourly steps in Paris time only. That wind is in km/h and rain in millimetres per
three hours is what users of the API say; the step does not prove it. A reply does not name its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dataelec_assets.catalog import Dataset
from dataelec_assets.catalog.chief_towns import CHIEF_TOWNS
from dataelec_assets.errors import ContractViolation, RequestRejected
from dataelec_assets.portals.weather import TownByTownPortal, number

PATH = "public-api/gfs/json"

PARIS = ZoneInfo("Europe/Paris")

# The model's: 00, 03 … 21 UTC.
STEP_HOURS = 3

# The extremes that weather stations have ever measured (WMO), -90 and 60 °C.
_COLDEST_K, _WARMEST_K = 183.0, 333.0

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")
_GOOD = 200

_COLUMNS = (
    "emise_a",
    "code_region",
    "instant",
    "run_modele",
    "temperature_2m",
    "humidite_2m",
    "pression_mer",
    "pluie",
    "vent_moyen",
    "vent_rafales",
)


class InfoclimatPortal(TownByTownPortal):
    """One request for each chief town."""

    path, columns = PATH, _COLUMNS

    def _parameters(self, latitude: float, longitude: float) -> dict[str, str]:
        return {"_ll": f"{latitude:.4f},{longitude:.4f}"}

    def _rows(self, dataset: Dataset, code: str, document: Mapping[str, Any]) -> Iterable[tuple[str, ...]]:
        town = CHIEF_TOWNS[code][0]
        # A refusal comes with a status of success. Its text is not repeated: it may hold the key.
        state = int(document["request_state"])
        if state != _GOOD:
            raise RequestRejected(
                f"the portal refuses (request_state {state})", dataset_id=dataset.id, request=self._url
            )
        rows = list(gfs_forecast(document))
        if not rows:
            raise ContractViolation(f"the reply for {town} has no step.", dataset_id=dataset.id, column="instant")
        for instant, _, temperature, *_ in rows:
            if datetime.fromisoformat(instant).hour % STEP_HOURS:
                raise ContractViolation(
                    f"{town}: {instant} is not a step of the model; is the clock not that of Paris?",
                    dataset_id=dataset.id,
                    column="instant",
                )
            if temperature and not _COLDEST_K <= float(temperature) <= _WARMEST_K:
                raise ContractViolation(
                    f"{temperature} K at {town}: is the unit another one?",
                    dataset_id=dataset.id,
                    column="temperature_2m",
                )
        return rows


def gfs_forecast(document: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield the steps of a reply as texts, in order.

    Args:
        document: the reply; its steps are the members named by a local instant.

    Yields:
        Instant (UTC), run of the model, temperature (K), humidity (%), pressure at sea level (Pa), rain (mm in three
        hours), wind and gust (km/h). Empty where a step has no value.

    Raises:
        AttributeError, KeyError, TypeError, ValueError: a step lacks a member that every step has.
    """
    run = str(document.get("model_run", ""))
    steps = {step_at(key): value for key, value in document.items() if _INSTANT.fullmatch(key)}
    for instant in sorted(steps):
        step = steps[instant]
        yield (
            instant.isoformat(),
            run,
            number(step["temperature"]["2m"]),
            number(step.get("humidite", {}).get("2m")),
            number(step.get("pression", {}).get("niveau_de_la_mer")),
            number(step.get("pluie")),
            number(step["vent_moyen"]["10m"]),
            number(step.get("vent_rafales", {}).get("10m")),
        )


def step_at(text: str) -> datetime:
    """Return the instant (UTC) of a step, written as Paris time without offset.

    Of the two instants of the repeated hour in autumn it is the one that is a step of the model.
    """
    local = datetime.fromisoformat(text).replace(tzinfo=PARIS)
    both = [local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
    return next((each for each in both if each.hour % STEP_HOURS == 0), both[0])
