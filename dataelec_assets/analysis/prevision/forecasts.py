"""The stored forecasts of a territory and its readings, on one grid."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataelec_assets.analysis.prevision.backtest import HORIZONS
from dataelec_assets.analysis.prevision.baselines import references
from dataelec_assets.analysis.prevision.days import fictitious_labels
from dataelec_assets.analysis.prevision.inputs import LABELS, Floats, Territory
from dataelec_assets.analysis.prevision.weather import CLIMATOLOGY

DAY, HALF_HOUR = "jour", "demi_heure"
STEPS = (DAY, HALF_HOUR)


class Forecasts:
    """Every forecast of a territory.

    Attributes:
        territory: what was read.
        ridge: by horizon and weather, the forecasts by target day and label; NaN where none.
        actual: what was read, by step; one column for days.
    """

    def __init__(self, territory: Territory, stored: pa.Table | None = None) -> None:
        """Take rows of ``int_prevision_retrotest`` of this territory, if any are needed."""
        self.territory = territory
        self._hidden = fictitious_labels(territory.dates, LABELS)
        self._labels = (~self._hidden).sum(axis=1)
        self.ridge = {} if stored is None else _grids(territory, stored)
        self.actual = {HALF_HOUR: self._shown(territory.load), DAY: self.of_days(territory.load)}

    @property
    def last_issue(self) -> int:
        """Row of the newest day on which the next day could be forecast without its weather; -1 if none."""
        day_after = self.ridge.get((HORIZONS[0], CLIMATOLOGY))
        if day_after is None:
            return -1
        targets = np.flatnonzero(~np.isnan(day_after[:, 0]))
        return int(targets[-1]) - HORIZONS[0] if len(targets) else -1

    def _shown(self, power: Floats) -> Floats:
        return np.where(self._hidden, np.nan, power)

    def of_days(self, power: Floats) -> Floats:
        """Return the mean of each day, one column; NaN unless it has every label that clocks show."""
        return np.asarray(np.where(self._hidden, 0.0, power).sum(axis=1) / self._labels)[:, None]

    def of_step(self, power: Floats, step: str) -> Floats:
        """Return a forecast by half-hour as one by half-hours that clocks show, or by days."""
        return self.of_days(power) if step == DAY else self._shown(power)

    def references(self, horizon: int) -> dict[str, Floats]:
        """Return the reference forecasts by name."""
        return references(self.territory, horizon)


def _grids(territory: Territory, stored: pa.Table) -> dict[tuple[int, str], Floats]:
    """Return the forecasts by horizon and weather, in this order, on the grid of the territory."""
    meteo = stored["meteo"].combine_chunks().dictionary_encode()
    names = meteo.dictionary.to_pylist()
    series = np.asarray(stored["horizon_jours"].to_numpy()) * len(names) + meteo.indices.to_numpy()
    places = {(int(at) // len(names), names[at % len(names)]): at for at in np.unique(series)}
    days = (np.asarray(stored["date"].to_numpy()).astype("datetime64[D]") - territory.first).astype(np.int64)
    # Stored as 32-bit floats; a tenth of a megawatt is what they hold.
    values = np.round(pc.list_flatten(stored["prevision_mw"]).to_numpy().astype(np.float64), 1).reshape(-1, LABELS)
    inside = (days >= 0) & (days < len(territory.load))
    grids = {}
    for key in sorted(places):
        rows = inside & (series == places[key])
        grids[key] = np.full(territory.load.shape, np.nan)
        grids[key][days[rows]] = values[rows]
    return grids
