"""Reference forecasts that need no model: a model must beat them to be worth anything."""

from __future__ import annotations

import numpy as np

from dataelec_assets.analysis.prevision.features import same_weekday
from dataelec_assets.analysis.prevision.inputs import MORNING_LABELS, Floats, Territory
from dataelec_assets.analysis.prevision.weather import lagged

RIDGE, PERSISTENCE, NAIVE, RTE = "ridge", "persistance", "naif_7j", "rte_j1"

# The weather of models that do not use any.
NO_WEATHER = "aucune"


def persistence(territory: Territory, horizon: int) -> Floats:
    """Return the newest reading of each label at noon on the issue day: that morning's, else the day before's."""
    load = territory.first_load
    morning = np.arange(load.shape[1]) < MORNING_LABELS
    return np.where(morning, lagged(load, horizon), lagged(load, horizon + 1))


def naive(territory: Territory, horizon: int) -> Floats:
    """Return the same label on the newest complete day of the same weekday, one or two weeks ago."""
    return lagged(territory.first_load, same_weekday(horizon))


def references(territory: Territory, horizon: int) -> dict[str, Floats]:
    """Return the forecasts that a model is compared with; RTE's exists for the day before only."""
    found = {PERSISTENCE: persistence(territory, horizon), NAIVE: naive(territory, horizon)}
    if horizon == 1 and not np.isnan(territory.rte).all():
        found[RTE] = territory.rte
    return found
