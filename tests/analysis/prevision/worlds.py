"""Made-up territories whose consumption follows the weather, the week and the hour: what a forecast ought to find."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa

from dataelec_assets.analysis.prevision.days import day_of_year, fictitious_labels
from dataelec_assets.analysis.prevision.inputs import LABELS, Floats

FIRST = np.datetime64("2021-01-01")
DAYS = 800

_TEMPERATURES = ("temperature_min_c", "temperature_moyenne_c", "temperature_max_c")


@dataclass(frozen=True, slots=True)
class World:
    """A territory, day by day; the last eight days have a calendar only."""

    load: Floats
    temperatures: Floats
    rte: Floats
    code: str = "FR"
    revisions: tuple[dict[str, Any], ...] = ()

    @property
    def dates(self) -> np.ndarray[Any, np.dtype[np.datetime64]]:
        return FIRST + np.arange(len(self.load))

    def with_load(self, load: Floats) -> World:
        return replace(self, load=load)

    def tables(self) -> tuple[pa.Table, pa.Table, pa.Table]:
        """Return the three tables that the models of dbt hand over."""
        return self._readings(), self._days(), self._revisions()

    @property
    def _grain(self) -> str:
        return "nation" if self.code == "FR" else "region"

    def _readings(self) -> pa.Table:
        hidden = fictitious_labels(self.dates, LABELS)
        days, labels = np.nonzero(~hidden & ~(np.isnan(self.load) & np.isnan(self.rte)))
        names = np.array([f"{each // 2:02d}:{30 * (each % 2):02d}" for each in range(LABELS)])
        return pa.table(
            {
                "maille": pa.repeat(self._grain, len(days)),
                "code_territoire": pa.repeat(self.code, len(days)),
                "date": pa.array(self.dates[days], pa.date32()),
                "heure_locale": pa.array(names[labels]),
                "consommation_mw": pa.array(self.load[days, labels], from_pandas=True),
                "prevision_j1_mw": pa.array(self.rte[days, labels], from_pandas=True),
            }
        )

    def _days(self) -> pa.Table:
        weekday = ((self.dates.astype(np.int64) + 3) % 7) + 1
        kinds = np.where(weekday == 7, "dimanche", np.where(weekday == 6, "samedi", "ouvré"))
        months = self.dates.astype("datetime64[M]").astype(np.int64) % 12
        seasons = np.array(["hiver", "printemps", "été", "automne"])[((months + 1) % 12) // 3]
        never = np.zeros(len(weekday), dtype=bool)
        return pa.table(
            {
                "maille": pa.repeat(self._grain, len(weekday)),
                "code_territoire": pa.repeat(self.code, len(weekday)),
                "date": pa.array(self.dates, pa.date32()),
                "jour_de_semaine": pa.array(weekday, pa.int32()),
                "type_jour": pa.array(kinds),
                "saison": pa.array(seasons),
                "est_ferie": pa.array(never),
                "est_pont": pa.array(never),
                "part_vacances_scolaires": pa.array(np.zeros(len(weekday))),
                **{name: pa.array(self.temperatures[:, at], from_pandas=True) for at, name in enumerate(_TEMPERATURES)},
            }
        )

    def _revisions(self) -> pa.Table:
        schema = pa.schema(
            [
                *((name, pa.string()) for name in ("maille", "code_territoire")),
                ("date", pa.date32()),
                ("heure_locale", pa.string()),
                ("consommation_mw", pa.float64()),
                ("connue_a", pa.timestamp("us", "UTC")),
            ]
        )
        return pa.Table.from_pylist(list(self.revisions), schema=schema)


def world(code: str = "FR", *, days: int = DAYS, seed: int = 1, noise_mw: float = 300.0) -> World:
    """Return a territory of about 50 GW: 2,400 MW for each degree below 15 °C, less at the weekend and at night."""
    random = np.random.default_rng(seed)
    dates = FIRST + np.arange(days)
    shocks, anomaly = random.normal(0, 2, days), np.zeros(days)
    for each in range(1, days):
        anomaly[each] = 0.8 * anomaly[each - 1] + shocks[each]
    mean = 12 - 9 * np.cos(2 * np.pi * day_of_year(dates) / 365.25) + anomaly
    weekday = (dates.astype(np.int64) + 3) % 7
    felt = 0.6 * mean + 0.3 * np.roll(mean, 1) + 0.1 * np.roll(mean, 2)
    level = 50_000 + 2_400 * np.maximum(15 - felt, 0) - 6_000 * (weekday >= 5)
    shape = 4_000 * np.sin(2 * np.pi * (np.arange(LABELS) - 14) / LABELS)
    load = level[:, None] + shape + random.normal(0, noise_mw, days)[:, None] + random.normal(0, 200, (days, LABELS))
    load = np.where(fictitious_labels(dates, LABELS), np.nan, load)
    rte = load + random.normal(0, 900, load.shape)
    load[-8:], rte[-8:] = np.nan, np.nan
    temperatures = np.column_stack([mean - 4, mean, mean + 4])
    temperatures[-8:] = np.nan
    return World(load, temperatures, rte, code)


def revision(day: str, label: str, before: float, known_at: datetime) -> dict[str, Any]:
    """Return a reading of France that was ``before`` until ``known_at``."""
    return {
        "maille": "nation",
        "code_territoire": "FR",
        "date": np.datetime64(day).astype(object),
        "heure_locale": label,
        "consommation_mw": before,
        "connue_a": known_at,
    }
