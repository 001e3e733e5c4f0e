"""Half-hourly power of the synthetic France: regional load, then the fleet that serves it.

Everything is drawn in real numbers, one civil year at a time, in the frame (day, printed label, region). Rounding to
the published integers comes last (:func:`settle`), with the exchanges as remainder: the published balance is exact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dataelec_assets.sample.noise import generator, smooth
from dataelec_assets.sample.regions import MAINLAND, Floats, per_region
from dataelec_assets.sample.timeline import HALF_HOURS, Calendar
from dataelec_assets.sample.world import World

Integers = NDArray[np.int64]

HEATING_BELOW, COOLING_ABOVE = 15.0, 20.0  # °C; thresholds measured nationally (2013-2023)
# Sum of the regional slopes, MW/°C (RTE: about 2,400). A regression on the mean temperature of the same day finds a
# little less, because the load follows the temperature with half a day of delay.
HEATING_SLOPE = 2400.0
_PLAIN_LOAD = 45_000.0  # MW, plain weekday without heating

# Hourly shape of a day without heating (published gross consumption of July 2018), then of heating.
# fmt: off
_DAY = np.array([46.0, 42.6, 41.0, 39.4, 38.6, 38.4, 39.2, 41.5, 44.9, 47.9, 49.9, 51.4,
                 52.6, 52.8, 52.1, 51.1, 50.0, 49.1, 49.0, 49.3, 47.6, 45.9, 46.8, 48.0])
_HEAT = np.array([0.97, 0.95, 0.94, 0.93, 0.93, 0.94, 0.98, 1.03, 1.06, 1.05, 1.03, 1.02,
                  1.01, 1.00, 0.98, 0.97, 0.97, 1.00, 1.06, 1.09, 1.06, 1.02, 1.02, 0.99])
# fmt: on

MEASURES = (
    "consommation",
    "nucleaire",
    "eolien_terrestre",
    "eolien_offshore",
    "solaire",
    "fil_eau",
    "lacs",
    "step",
    "pompage",
    "bioenergies",
    "gaz",
    "charbon",
    "fioul",
    "stockage_batterie",
    "destockage_batterie",
)


def _shape(hourly: Floats) -> Floats:
    """Return an hourly profile at the half-hours, mean 1, shape (48, 1)."""
    hours = np.arange(HALF_HOURS) / 2
    profile = np.interp(hours, np.arange(25), np.r_[hourly, hourly[0]])
    return np.asarray(profile / profile.mean(), dtype=np.float64)[:, None]


def within_days(daily: Floats, first: int, last: int) -> Floats:
    """Carry each day's value from midnight to midnight, in a straight line from the day before.

    Args:
        daily: values, shape (days of the world, columns).
        first: first row wanted, 1 at least.
        last: row after the last one wanted.

    Returns:
        Shape (last - first, 48, columns).
    """
    share = ((np.arange(HALF_HOURS) + 0.5) / HALF_HOURS)[None, :, None]
    before, after = daily[first - 1 : last - 1, None, :], daily[first:last, None, :]
    return np.asarray(before * (1 - share) + after * share, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class _Year:
    """One civil year of the world, as much of it as there is."""

    world: World
    number: int
    first: int
    last: int

    @property
    def calendar(self) -> Calendar:
        return self.world.calendar[self.first : self.last]

    @property
    def season(self) -> Floats:
        """Day of the year as an angle, shape (days, 1, 1)."""
        return self.world.season[self.first : self.last, None, None]

    def within(self, daily: Floats) -> Floats:
        """Return a daily series at the half-hours, shape (days, 48, columns)."""
        return within_days(daily, self.first, self.last)

    def ripple(self, name: str, columns: int, width: int) -> Floats:
        """Return noise of unit variance that lasts ``width`` half-hours, shape (days, 48, columns)."""
        # A whole year is drawn always, so that a half-hour does not depend on how far the horizon is.
        draws = generator(self.world.seed, name, self.number).standard_normal((366 * HALF_HOURS + width - 1, columns))
        days = self.last - self.first
        return smooth(draws, width)[: days * HALF_HOURS].reshape(days, HALF_HOURS, columns)


def simulate(world: World, year: int) -> tuple[Calendar, dict[str, Floats]]:
    """Draw one civil year, as much of it as the world holds.

    Returns:
        The days, and power in MW by name (those of ``MEASURES``), each of shape (days, 48, 12).
    """
    first = max(1, int(np.searchsorted(world.calendar.days, np.datetime64(f"{year}-01-01", "D"))))
    last = int(np.searchsorted(world.calendar.days, np.datetime64(f"{year + 1}-01-01", "D")))
    drawn = _Year(world, year, first, last)
    power = {"consommation": _load(drawn)}
    _renewables(drawn, power)
    _dispatch(drawn, power)
    _print_fictitious_hour(drawn.calendar, power)
    return drawn.calendar, power


def _load(year: _Year) -> Floats:
    mainland = len(MAINLAND)
    temperature = year.within(year.world.temperature[:, :mainland])
    share = per_region("load") / per_region("load").sum()
    heating = per_region("heating") / per_region("heating").sum() * HEATING_SLOPE
    # Lighting: winter evenings are higher, with no effect on the day's mean.
    hours = np.arange(HALF_HOURS) / 2
    evening = np.exp(-(((hours - 19.25) / 1.6) ** 2))
    lighting = 0.07 * np.clip(np.cos(year.season - 0.1), 0, None) * (evening - evening.mean())[None, :, None]
    activity = year.world.activity[year.first : year.last, None, None]
    plain = _PLAIN_LOAD * share * activity * (_shape(_DAY) + lighting)
    plain *= 1 + 0.004 * year.ripple("load", 1, 24) + 0.004 * year.ripple("regional load", mainland, 8)
    cold = np.clip(HEATING_BELOW - temperature, 0, None) * _shape(_HEAT)
    hot = np.clip(temperature - COOLING_ABOVE, 0, None) * _shape(_DAY)
    return np.asarray(plain + heating * cold + per_region("cooling") * hot, dtype=np.float64)


def _renewables(year: _Year, power: dict[str, Floats]) -> None:
    """Add wind, sun and bioenergy."""
    season, mainland = year.season, len(MAINLAND)
    wind = year.within(year.world.wind) + 0.25 * year.ripple("wind", mainland, 16)
    for name, capacity, calm in (("eolien_terrestre", "wind", 1.55), ("eolien_offshore", "offshore", 0.75)):
        power[name] = per_region(capacity) / (1 + np.exp(calm - 0.45 * np.cos(season) - 1.1 * wind))
    minutes = year.calendar.instants(HALF_HOURS).astype("datetime64[m]").astype(np.int64) % 1440
    hour_angle = 2 * np.pi * (minutes[:, :, None] / 1440 + 2.5 / 360 - 0.5)  # the mean meridian is 2.5° east
    declination = np.radians(23.44) * np.sin(season - 2 * np.pi * 81 / 365.25)
    latitude = np.radians(per_region("latitude"))
    height = np.sin(latitude) * np.sin(declination) + np.cos(latitude) * np.cos(declination) * np.cos(hour_angle)
    clarity = np.clip(year.within(year.world.clarity) + 0.06 * year.ripple("clouds", mainland, 6), 0.05, 1)
    power["solaire"] = per_region("solar") * 0.85 * np.clip(height, 0, None) ** 1.2 * clarity
    steady = (1 + 0.03 * np.cos(season)) * (1 + 0.01 * year.ripple("bioenergy", mainland, 48))
    power["bioenergies"] = per_region("bioenergy") * 1100 * steady


def _dispatch(year: _Year, power: dict[str, Floats]) -> None:
    """Serve the load: water when it is dear, reactors as far as exports can carry them, then gas, coal and oil."""

    def national(*names: str) -> Floats:
        total = np.stack([power[name].sum(axis=2, keepdims=True) for name in names]).sum(axis=0)
        return np.asarray(total, dtype=np.float64)

    season = year.season
    renewable = national("eolien_terrestre", "eolien_offshore", "solaire")
    demand = national("consommation")
    tension = demand - renewable
    tension = (tension - tension.mean(axis=1, keepdims=True)) / 8000
    hydro, storage = per_region("hydro"), per_region("storage")
    inflow = (1 + 0.3 * np.cos(season - 2 * np.pi * 120 / 365.25)) * year.within(year.world.wetness)
    power["fil_eau"] = hydro * 4300 * inflow
    power["lacs"] = hydro * np.clip(1700 * inflow * np.exp(0.9 * tension), 0, 6500)
    power["step"] = storage * 2800 * np.clip(tension - 0.25, 0, 1)
    power["pompage"] = -storage * 3200 * np.clip(-tension - 0.2, 0, 1)
    water = national("fil_eau", "lacs", "step", "pompage")
    need = demand - renewable - water - national("bioenergies")

    available = per_region("nuclear") * year.within(year.world.reactors)
    fleet = available.sum(axis=2, keepdims=True)
    # Neighbours take about 14 GW; beyond, reactors are turned down, to 60 % at least.
    nuclear = np.clip(need + 14_000, 0.6 * fleet, fleet)
    power["nucleaire"] = available * (nuclear / fleet)
    gap = need - nuclear  # what exchanges and thermal stations still have to bring; negative when France exports

    def rise(middle: float, width: float) -> Floats:
        return 1 / (1 + np.exp(-(gap - middle) / width))

    cogeneration = 350 + 1400 * np.clip(np.cos(season), 0, None)
    power["gaz"] = per_region("gas_plants") * (cogeneration + 7000 * rise(-1000, 2200))
    power["charbon"] = per_region("coal") * 1500 * rise(2500, 1500)
    power["fioul"] = per_region("oil") * (36 + 1500 * rise(9000, 1000))
    batteries = per_region("load") / per_region("load").sum()
    power["stockage_batterie"] = -batteries * 300 * np.clip(-tension - 0.1, 0, 1)
    power["destockage_batterie"] = batteries * 300 * np.clip(tension - 0.1, 0, 1)


def _print_fictitious_hour(calendar: Calendar, power: Mapping[str, Floats]) -> None:
    """Fill 02:00-02:59 of the spring change as RTE does: near-copies of the hour before, and a broken region."""
    (rows,) = np.nonzero(calendar.fictitious(HALF_HOURS).any(axis=1))
    for values in power.values():
        values[rows, 4:6] = values[rows, 2:4]
    # 2019-03-31 02:30, Île-de-France: 2,795 MW beside 6,617 MW half an hour later.
    power["consommation"][rows, 5, 0] *= 0.42


def quarter_hourly(power: Mapping[str, Floats]) -> dict[str, Floats]:
    """Refine half-hours to quarter-hours, in straight lines: :00 and :30 keep theirs, the last :45 repeats :30."""

    def refine(values: Floats) -> Floats:
        flat = values.reshape(-1, values.shape[2])
        middle = (flat[:-1] + flat[1:]) / 2
        both = np.empty((2 * len(flat), flat.shape[1]))
        both[0::2] = flat
        both[1:-1:2] = middle
        both[-1] = flat[-1]
        return both.reshape(len(values), -1, values.shape[2])

    return {name: refine(values) for name, values in power.items()}


def settle(power: Mapping[str, Floats]) -> dict[str, Integers]:
    """Round to the integers that are published and close the balance with the exchanges.

    Returns:
        MW by published name, each of shape (days, labels, 12), with the sums ``eolien``, ``hydraulique``, ``thermique``
        and the remainder ``ech_physiques`` (positive: import).
    """
    whole: dict[str, Integers] = {name: np.rint(power[name]).astype(np.int64) for name in MEASURES}
    whole["eolien"] = whole["eolien_terrestre"] + whole["eolien_offshore"]
    whole["hydraulique"] = whole["fil_eau"] + whole["lacs"] + whole["step"]
    whole["thermique"] = whole["gaz"] + whole["charbon"] + whole["fioul"]
    produced = sum(
        whole[name] for name in ("thermique", "nucleaire", "eolien", "solaire", "hydraulique", "bioenergies")
    )
    stored = whole["pompage"] + whole["stockage_batterie"] + whole["destockage_batterie"]
    whole["ech_physiques"] = whole["consommation"] - produced - stored
    return whole
