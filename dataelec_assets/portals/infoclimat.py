"""Infoclimat's forecast from the GFS model, for each chief town, with a key.

Read here against one real step (Paris, October 2018). It proves the members, Kelvin, pascals and that keys are local
instants: 23:00 lies on GFS's three-hourly steps in Paris time only. That wind is in km/h and rain in millimetres of
three hours is what users of the API say, not what the step proves. A reply does not say for which place it is.
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

# Of what weather stations have ever measured (WMO), -90 and 60 °C.
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
        # A refusal comes under a status of success. Its words are not repeated: they may hold the key.
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
                    f"{town}: {instant} is no step of the model: another clock than that of Paris?",
                    dataset_id=dataset.id,
                    column="instant",
                )
            if temperature and not _COLDEST_K <= float(temperature) <= _WARMEST_K:
                raise ContractViolation(
                    f"{temperature} K at {town}: another unit?", dataset_id=dataset.id, column="temperature_2m"
                )
        return rows


def gfs_forecast(document: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Yield the steps of a reply as texts, in order.

    Args:
        document: the reply; its steps are the members named by a local instant.

    Yields:
        Instant (UTC), run of the model, temperature (K), humidity (%), pressure at sea level (Pa), rain (mm in three
        hours), wind and gust (km/h). Empty where a step says nothing.

    Raises:
        AttributeError, KeyError, TypeError, ValueError: a step lacks what every step has.
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

    The hour that is there twice in autumn is the one of the two that is a step of the model.
    """
    local = datetime.fromisoformat(text).replace(tzinfo=PARIS)
    both = [local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)]
    return next((each for each in both if each.hour % STEP_HOURS == 0), both[0])
