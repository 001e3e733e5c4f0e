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
        self.ridge = {
            (horizon, meteo): self._shown(_grid(territory, part))
            for horizon in (HORIZONS if stored is not None else ())
            for meteo, part in _by_meteo(stored, horizon)
        }
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
        shown = self._shown(power)
        number = (~np.isnan(shown)).sum(axis=1)
        total = np.nansum(shown, axis=1)
        return np.where(number == self._labels, total / np.maximum(number, 1), np.nan)[:, None]

    def of_step(self, power: Floats, step: str) -> Floats:
        """Return a forecast by half-hour as one by half-hours that clocks show, or by days."""
        return self.of_days(power) if step == DAY else self._shown(power)

    def references(self, horizon: int) -> dict[str, Floats]:
        """Return the reference forecasts by name."""
        return references(self.territory, horizon)


def _by_meteo(stored: pa.Table, horizon: int) -> list[tuple[str, pa.Table]]:
    own = stored.filter(pc.equal(stored["horizon_jours"], horizon))
    names = sorted(pc.unique(own["meteo"]).to_pylist())
    return [(meteo, own.filter(pc.equal(own["meteo"], meteo))) for meteo in names]


def _grid(territory: Territory, rows: pa.Table) -> Floats:
    grid = np.full((len(territory.load), LABELS), np.nan)
    days = np.asarray(rows["date"].to_numpy()).astype("datetime64[D]")
    at = (days - territory.first).astype(np.int64)
    values = pc.list_flatten(rows["prevision_mw"]).to_numpy().astype(np.float64).reshape(-1, LABELS)
    inside = (at >= 0) & (at < len(grid))
    # Stored as 32-bit floats; a tenth of a megawatt is what they hold.
    grid[at[inside]] = np.round(values[inside], 1)
    return grid
