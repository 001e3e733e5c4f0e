"""Invented charging points: Belib' in Paris with its states of the last day, and a national file.

The shapes and their oddities are those of the published files: a fiche without an identifier, points that only one of
the two sets of Paris knows, a status that has not moved for months, powers in watts, points that are declared twice or
outside roaming, coordinates in the other order.
Every contact is invented too: no such column ever leaves raw.

Longer than 300 lines because each oddity of the two publishers is a few lines here, and nowhere else.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from dataelec_assets.sample.noise import generator
from dataelec_assets.sample.territories import Commune, communes
from dataelec_assets.sample.timeline import PARIS, Horizon

_LIVE = "belib-points-de-recharge-pour-vehicules-electriques-disponibilite-temps-reel"
_STATIC = "belib-points-de-recharge-pour-vehicules-electriques-donnees-statiques"
_NATIONAL = "bornes-de-recharge-irve"

# Of Paris: three stations in each arrondissement.
_STATIONS, _ARRONDISSEMENTS = 3, 20
_PARIS_LATITUDE, _PARIS_LONGITUDE, _SPREAD = 48.857, 2.347, 0.035

# A state an hour for a day: enough to see its hours, few enough to be fetched one by one in a few seconds.
_STATES = 24

# Weight of each hour of Paris for the beginning of a charge: the free places of January 2023 were fewest around noon.
_HOURS = np.array([1, 1, 1, 1, 1, 1, 2, 4, 6, 7, 8, 8, 7, 6, 6, 6, 6, 7, 8, 7, 5, 4, 3, 2], dtype=float)
_CHARGES_PER_DAY, _HOURS_OF_CHARGE, _SPREAD_OF_CHARGE = 3.5, 2.0, 0.6
_LONGEST_CHARGE_H = 24

# Shares of points that are out of order or unknown, as in the published states.
_OUT_OF_ORDER, _UNKNOWN = 0.025, 0.02

# The national file: a point for so many inhabitants.
_INHABITANTS_PER_POINT = 20_000

_POWERS = ("7", "7", "7", "22", "50", "3")
_CONTACT, _TELEPHONE = "contact@exemple.invalid", "01 99 00 00 00"
_OBSERVATION = "Demander la clé à Mme Exemple"
_TRUE, _FALSE = "True", "False"

_STATIC_HEADER = (
    *("ID PDC local", "Statut du Point de charge", "Arrondissement", "ID Station local"),
    *("ID Station itinérance", "Nom station", "Code INSEE commune", "Nombre point de recharge"),
    *("Date mise à jour", "Conditions d'accès", "Adresse station", "Coordonnées géographiques"),
    *("Observations", "Contact aménageur", "Nom opérateur", "Contact opérateur", "Téléphone opérateur"),
    *("Nom enseigne", "ID PDC itinérance", "Date mise en service", "Puissance max KW", "Prise type EF"),
    *("Prise type 2", "Prise type Combo CCS", "Prise type Chademo", "Prise type Autre"),
    *("Numéro point livraison électricité",),
)

_NATIONAL_HEADER = (
    *("contact_amenageur", "nom_operateur", "contact_operateur", "telephone_operateur", "nom_enseigne"),
    *("id_station_itinerance", "id_station_local", "nom_station", "adresse_station", "code_insee_commune"),
    *("coordonneesXY", "nbre_pdc", "id_pdc_itinerance", "id_pdc_local", "puissance_nominale", "prise_type_ef"),
    *("prise_type_2", "prise_type_combo_ccs", "prise_type_chademo", "prise_type_autre", "condition_acces"),
    *("num_pdl", "date_mise_en_service", "observations", "date_maj"),
)


@dataclass(frozen=True, slots=True)
class Point:
    """One invented point of Paris.

    Attributes:
        station, number: local identifier of its station, and its number there.
        arrondissement: 1 to 20.
        latitude, longitude: of the station.
        power: kW, as printed.
        points: of its station.
        opened: day on which the station opened.
    """

    station: str
    number: int
    arrondissement: int
    latitude: float
    longitude: float
    power: str
    points: int
    opened: str

    @property
    def code(self) -> str:
        """Local identifier, with stars."""
        return f"{self.station.replace('*P', '*E')}*{self.number}"

    @property
    def address(self) -> str:
        """Address."""
        return f"{self.station[-2:]} Rue de l'Exemple 750{self.arrondissement:02d} Paris"

    @property
    def insee(self) -> str:
        """Code of the arrondissement."""
        return f"751{self.arrondissement:02d}"

    @property
    def words(self) -> str:
        """The arrondissement as the publisher writes it."""
        return "Paris centre" if self.arrondissement <= 4 else f"{self.arrondissement:02d}e Arrondissement"  # noqa: PLR2004


def write_charging_points(folder: Path, seed: int, horizon: Horizon) -> Iterator[tuple[str, Path, int]]:
    """Write the three sets.

    Args:
        folder: of the portals.
        seed: of all series.
        horizon: how far the portal is; the last state is that of the last full hour.

    Yields:
        Data set, file and rows of each file; one file for each state.
    """
    points = list(paris(seed))
    yield _static(folder / "paris" / _STATIC, points)
    yield from _states(folder / "paris" / _LIVE, seed, horizon, points)
    yield _national(folder / "irve" / _NATIONAL, seed, points)


def paris(seed: int) -> Iterator[Point]:
    """Yield the points of Paris, by arrondissement and station."""
    draws = generator(seed, "charging points of Paris")
    for arrondissement in range(1, _ARRONDISSEMENTS + 1):
        for station in range(1, _STATIONS + 1):
            east, north = _SPREAD * draws.uniform(-1, 1, 2)
            size, power = int(draws.integers(3, 8)), _POWERS[int(draws.integers(len(_POWERS)))]
            opened = f"{draws.integers(2021, 2023)}-{draws.integers(1, 13):02d}-01"
            place = (round(_PARIS_LATITUDE + north, 6), round(_PARIS_LONGITUDE + 1.5 * east, 6))
            for number in range(1, size + 1):
                name = f"FR*V75*PZZ{arrondissement:02d}*{station:02d}"
                yield Point(name, number, arrondissement, *place, power, size, opened)


def _known_to_one(points: Sequence[Point]) -> tuple[set[str], set[str]]:
    """Return the points that only the fiches have, and those that only the live set has."""
    return {point.code for point in points[:3]}, {point.code for point in points[-4:]}


def _static(folder: Path, points: Sequence[Point]) -> tuple[str, Path, int]:
    _, live_only = _known_to_one(points)

    def row(point: Point, *, in_test: bool = False) -> list[str]:
        is_fast = point.power == "50"
        identifiers = ("", "") if in_test else (point.code, point.code.replace("*", ""))
        return [
            identifiers[0],
            "En test" if in_test else "En service",
            point.words,
            point.station,
            point.station.replace("*", ""),
            f"Paris | {point.address}",
            point.insee,
            "0" if in_test else str(point.points),
            "2025-11-20",
            "Accès libre",
            point.address,
            f"{point.latitude}, {point.longitude}",
            _OBSERVATION,
            _CONTACT,
            "Exploitant d'exemple",
            _CONTACT,
            _TELEPHONE,
            "Exemple",
            identifiers[1],
            point.opened,
            "" if in_test else point.power,
            _FALSE if is_fast else _TRUE,
            _FALSE if is_fast else _TRUE,
            *((_TRUE, _TRUE) if is_fast else (_FALSE, _FALSE)),
            _FALSE,
            "07199000000000",
        ]

    rows = [row(point) for point in points if point.code not in live_only]
    rows += [row(points[0], in_test=True), row(points[-1], in_test=True), rows[10]]
    path = folder / f"{_STATIC}_synthetique.csv"
    return _STATIC, path, _write(path, _STATIC_HEADER, rows, ";")


def _states(folder: Path, seed: int, horizon: Horizon, points: Sequence[Point]) -> Iterator[tuple[str, Path, int]]:
    static_only, _ = _known_to_one(points)
    live = [point for point in points if point.code not in static_only]
    newest = horizon.now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    days = [newest.date() - timedelta(days=back) for back in range(_STATES // 24 + 2, -1, -1)]
    charges = [[each for day in days for each in _charges(seed, day, number)] for number in range(len(live))]
    broken = generator(seed, "points out of order").uniform(size=len(live))
    for back in range(_STATES - 1, -1, -1):
        at = newest - timedelta(hours=back)
        rows = [
            _state(point, at, sessions, float(luck))
            for point, sessions, luck in zip(live, charges, broken, strict=True)
        ]
        path = folder / f"{_LIVE}_snapshot_{at:%Y%m%dT%H%M}Z_synthetique.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(rows, ensure_ascii=False, separators=(",", ":")), "utf-8", newline="\n")
        yield _LIVE, path, len(rows)


Session = tuple[datetime, datetime]


def _charges(seed: int, day: object, number: int) -> Iterator[Session]:
    """Yield the charges that begin at a point on a civil day; the same whatever is shown of them."""
    first = datetime.fromisoformat(f"{day}T00:00:00").replace(tzinfo=PARIS)
    draws = generator(seed, "charges", first.toordinal(), number)
    for _ in range(int(draws.poisson(_CHARGES_PER_DAY))):
        hour = int(draws.choice(24, p=_HOURS / _HOURS.sum()))
        start = (first + timedelta(hours=hour, minutes=float(draws.uniform(0, 60)))).astimezone(UTC)
        length = min(_HOURS_OF_CHARGE * float(draws.lognormal(0, _SPREAD_OF_CHARGE)), _LONGEST_CHARGE_H)
        yield start.replace(microsecond=0), (start + timedelta(hours=length)).replace(microsecond=0)


def _state(point: Point, at: datetime, charges: Sequence[Session], luck: float) -> dict[str, object]:
    began = [start for start, end in charges if start <= at < end]
    changes = [moment for charge in charges for moment in charge if moment <= at]
    status, since = ("Occupé (en charge)", max(began)) if began else ("Disponible", max(changes, default=at))
    if luck < _OUT_OF_ORDER:
        status, since = "En maintenance", at.replace(hour=0) - timedelta(days=9)
    elif luck < _OUT_OF_ORDER + _UNKNOWN:
        status, since = "Inconnu", at.replace(hour=0) - timedelta(days=200)
    elif luck > 1 - _UNKNOWN / 4:
        # Said to be in use for two months.
        status, since = "Occupé (en charge)", at.replace(hour=0) - timedelta(days=60)
    return {
        "id_pdc": point.code,
        "statut_pdc": status,
        "last_updated": since.astimezone(PARIS).isoformat(),
        "coordonneesxy": {"lon": point.longitude, "lat": point.latitude},
        "adresse_station": point.address,
        "code_insee_commune": point.insee,
        "arrondissement": point.words,
    }


def _national(folder: Path, seed: int, points: Sequence[Point]) -> tuple[str, Path, int]:
    rows = [row for place in communes(seed) for row in _of_commune(seed, place)]
    # What Paris declares too, and a station of which the file has two declarations.
    rows += [
        _declared(point.station.replace("*", ""), point.code.replace("*", ""), point.points, point.insee, point.power)
        for point in points[:40]
    ]
    rows += [[*each[:-1], "2024-01-15"] for each in rows[:5]]
    rows += _outside_roaming(rows[0])
    path = folder / "irve-statique_synthetique.csv"
    return _NATIONAL, path, _write(path, _NATIONAL_HEADER, rows, ",")


def _of_commune(seed: int, place: Commune) -> Iterator[list[str]]:
    draws = generator(seed, "charging points of a commune", int(place.code, 36))
    left, station = round(place.inhabitants / _INHABITANTS_PER_POINT), 0
    while left > 0:
        station += 1
        size, power = min(left, int(draws.integers(2, 7))), _POWERS[int(draws.integers(len(_POWERS)))]
        # One operator in twenty takes watts for kilowatts, and one in fifty does not say where it is.
        printed = f"{power}000" if draws.uniform() < 0.05 else power  # noqa: PLR2004
        codes = place.arrondissements or (place.code,)
        where = "" if draws.uniform() < 0.02 else codes[station % len(codes)]  # noqa: PLR2004
        for number in range(1, size + 1):
            name = f"FRZZ9P{place.code}{station:03d}"
            yield _declared(name, f"FRZZ9E{place.code}{station:03d}{number}", size, where, printed)
        left -= size


def _outside_roaming(row: Sequence[str]) -> Iterator[list[str]]:
    """Yield points that only their own operators can tell apart, and what else is badly written."""
    names = _NATIONAL_HEADER
    for code, coordinates in (("69123", "[4.8357, 45.7640]"), ("59350", "[50.6292, 3.0573]"), ("1053", "")):
        told = {
            "id_station_itinerance": "Non concerné",
            "id_station_local": "1",
            "id_pdc_itinerance": "Non concerné",
            "id_pdc_local": "1",
            "code_insee_commune": code,
            "coordonneesXY": coordinates,
        }
        yield [told.get(name, value) for name, value in zip(names, row, strict=True)]


def _declared(station: str, point: str, size: int, where: str, power: str) -> list[str]:
    is_fast = power in ("50", "50000")
    plugs = ("false", "true", "true", "true") if is_fast else ("true", "true", "false", "false")
    return [
        *(_CONTACT, "Exploitant d'exemple", _CONTACT, _TELEPHONE, "Exemple", station, "", f"Station {station}"),
        *(f"1 rue de l'Exemple, {where}", where, "[2.347,48.857]" if where.startswith("75") else "", str(size), point),
        *("", power, *plugs, "false", "Accès libre", "07199000000000", "2022-06-01", _OBSERVATION, "2025-11-20"),
    ]


def _write(path: Path, header: Sequence[str], rows: Sequence[Sequence[str]], delimiter: str) -> int:
    body = io.StringIO()
    writer = csv.writer(body, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body.getvalue().encode())
    return len(rows)
