"""Files of territories and years, each in the shape in which its publisher has it."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from dataelec_assets.lake.calendar import school_holidays
from dataelec_assets.sample import indicators
from dataelec_assets.sample.regions import REGIONS
from dataelec_assets.sample.territories import (
    DEPARTEMENTS,
    OVERSEAS,
    Commune,
    communes,
    inhabitants_of,
    shares,
    yearly_by_commune,
)

Written = tuple[str, Path, int]

# Per year and région, GWh by measure: ``consommation``, ``gaz`` and the filières.
Energies = Mapping[int, Mapping[str, Mapping[str, float]]]

_NAMES = {region.code: region.name for region in REGIONS} | OVERSEAS

# The commune that another one absorbs between two editions of the official geographic code.
_ABSORBED, _ABSORBING = "01002", "01001"

# An académie that stands for each zone.
_ACADEMIES = {"A": "Lyon", "B": "Lille", "C": "Paris"}
_UTC, _PARIS = ZoneInfo("UTC"), ZoneInfo("Europe/Paris")


def write_territories(folder: Path, seed: int, energies: Energies) -> list[Written]:
    """Write what ORE, INSEE, Éducation nationale and ODRÉ publish by year.

    Args:
        folder: of the portals.
        seed: of the communes.
        energies: of each whole year.

    Returns:
        Data set, file and rows of each file.
    """
    places = communes(seed)
    years = sorted(energies)
    return [
        *_populations(folder / "insee", places),
        *_geographic_code(folder / "insee", places),
        _dwellings(folder / "insee", places),
        *_indicators(folder / "insee", places, seed),
        *_consumption(folder / "ore", places, energies),
        *_regional(folder / "odre", energies),
        _holidays(folder / "education", years),
    ]


def _write(
    path: Path,
    header: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    delimiter: str = ";",
    end: str = "\n",
    bom: bool = False,
) -> int:
    body = io.StringIO()
    writer = csv.writer(body, delimiter=delimiter, lineterminator=end)
    writer.writerow(header)
    count = 0
    for row in rows:
        writer.writerow(["" if value is None else value for value in row])
        count += 1
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body.getvalue().encode("utf-8-sig" if bom else "utf-8"))
    return count


def _population_rows(places: list[Commune], year: int) -> Iterator[tuple[Commune, str, str, int]]:
    """Yield commune, code, name, inhabitants, by arrondissement where there are any; Mayotte is not published."""
    for place in places:
        if place.departement == "976":
            continue
        whole = inhabitants_of(place, year)
        if not place.arrondissements:
            yield place, place.code, place.name, whole
            continue
        parts = shares(whole, len(place.arrondissements))
        for number, (code, part) in enumerate(zip(place.arrondissements, parts, strict=True), 1):
            yield place, code, f"{place.name} {number}e Arrondissement", part


def _populations(folder: Path, places: list[Commune]) -> Iterator[Written]:
    """Write two years, one in each of the two generations of headers."""
    for year, is_new in ((2020, False), (2023, True)):
        rows = list(_population_rows(places, year))
        apart = {code: round(people / 40) for _, code, _, people in rows}
        lines: list[Sequence[object]]
        if is_new:
            header = "REG;Région;DEP;CODARR;CODCAN;CODCOM;COM;Commune;PMUN;PCAP;PTOT"
            lines = [
                (p.region, _NAMES[p.region], p.departement, 1, "01", code[2:], code, name, people, apart[code],
                 people + apart[code])
                for p, code, name, people in rows
            ]  # fmt: skip
        else:
            header = "CODREG;REG;CODDEP;CODARR;CODCAN;CODCOM;COM;PMUN;PCAP;PTOT"
            lines = [
                (p.region, _NAMES[p.region], p.departement, 1, "01", code[2:], name, people, apart[code],
                 people + apart[code])
                for p, code, name, people in rows
            ]  # fmt: skip
        yield _file(folder, "populations-legales-communes", f"donnees_communes_{year}_synthetique.csv", header, lines)
        yield from _larger_populations(folder, year, rows, apart, is_new=is_new)


def _larger_populations(
    folder: Path, year: int, rows: list[tuple[Commune, str, str, int]], apart: Mapping[str, int], *, is_new: bool
) -> Iterator[Written]:
    people: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for place, code, _, count in rows:
        for level, key in (("departements", place.departement), ("regions", place.region)):
            sums = people[level, key]
            # A city is one commune, however many arrondissements it has.
            sums[0] += code in (place.code, *place.arrondissements[:1])
            sums[1] += count
            sums[2] += count + apart[code]
    region_of = {name: region for region, names in DEPARTEMENTS.items() for name in names.split()}
    headers = {
        ("departements", True): "REG;Région;DEP;Département;NBARR;NBCAN;NBCOM;PMUN;PTOT",
        ("departements", False): "CODREG;REG;CODDEP;DEP;NBARR;NBCAN;NBCOM;PMUN;PTOT",
        ("regions", True): "REG;Région;NBARR;NBCAN;NBCOM;PMUN;PTOT",
        ("regions", False): "CODREG;REG;NBARR;NBCAN;NBCOM;PMUN;PTOT",
    }
    for level in ("departements", "regions"):
        lines = []
        for (kind, key), (count, municipal, total) in sorted(people.items()):
            if kind == level:
                region = region_of.get(key, key) if level == "departements" else key
                named = (key, f"Département {key}") if level == "departements" else ()
                lines.append((region, _NAMES[region], *named, 1, 1, count, municipal, total))
        name = f"donnees_{level}_{year}_synthetique.csv"
        yield _file(folder, f"populations-legales-{level}", name, headers[level, is_new], lines)


def _file(folder: Path, dataset_id: str, name: str, header: str, rows: Iterable[Sequence[object]]) -> Written:
    path = folder / dataset_id / name
    return dataset_id, path, _write(path, header.split(";"), rows)


def _geographic_code(folder: Path, places: list[Commune]) -> Iterator[Written]:
    """Write two editions, between which one commune is absorbed, and the event that says so."""
    header = ["TYPECOM", "COM", "REG", "DEP", "CTCD", "ARR", "TNCC", "NCC", "NCCENR", "LIBELLE", "CAN", "COMPARENT"]
    dataset_id = "code-officiel-geographique-communes"
    for year in (2024, 2025):
        lines: list[Sequence[object]] = []
        for place in places:
            upper = place.name.upper()
            is_absorbed = year > 2024 and place.code == _ABSORBED  # noqa: PLR2004 - the first of the two editions
            if is_absorbed:
                lines.append(("COMD", place.code, "", "", "", "", 0, upper, place.name, place.name, "", _ABSORBING))
                continue
            where = (place.region, place.departement, f"{place.departement}D", f"{place.departement:0>2}1"[-3:])
            lines.append(
                ("COM", place.code, *where, 0, upper, place.name, place.name, f"{place.departement}01"[-4:], "")
            )
            lines += [
                ("ARM", code, *where, 0, upper, place.name, f"{place.name} {number}e Arrondissement", "", place.code)
                for number, code in enumerate(place.arrondissements, 1)
            ]
        path = folder / dataset_id / f"v_commune_{year}_synthetique.csv"
        yield dataset_id, path, _write(path, header, lines, delimiter=",")
    dataset_id = "code-officiel-geographique-mouvements"
    sides = ("TYPECOM", "COM", "TNCC", "NCC", "NCCENR", "LIBELLE")
    header = ["MOD", "DATE_EFF", *(f"{name}_{side}" for side in ("AV", "AP") for name in sides)]
    after = ("COM", _ABSORBING, 0, f"EXEMPLE-{_ABSORBING}", f"Exemple-{_ABSORBING}", f"Exemple-{_ABSORBING}")
    before = ("COM", _ABSORBED, 0, f"EXEMPLE-{_ABSORBED}", f"Exemple-{_ABSORBED}", f"Exemple-{_ABSORBED}")
    lines = [(32, "2025-01-01", *side, *after) for side in (after, before)]
    path = folder / dataset_id / "v_mvt_commune_2025_synthetique.csv"
    yield dataset_id, path, _write(path, header, lines, delimiter=",")


def _dwellings(folder: Path, places: list[Commune]) -> Written:
    """Write the census: each row stands for as many dwellings as its weight says."""
    dataset_id = "recensement-logement"
    path = folder / dataset_id / "FD_LOGEMT_2020_synthetique.csv"

    def rows() -> Iterator[Sequence[object]]:
        for place in places:
            if place.departement == "976":
                continue  # absent from the publisher's file too
            dwellings = place.inhabitants / 2.2  # persons per dwelling
            is_city = place.inhabitants > 100_000  # noqa: PLR2004 - flats outnumber houses from about there
            for kind, share in (("1", 0.25 if is_city else 0.75), ("2", 0.72 if is_city else 0.23), ("3", 0.02)):
                for surface, part in zip("1234567", (0.05, 0.08, 0.19, 0.24, 0.21, 0.12, 0.11), strict=True):
                    yield place.code, 10, "1", kind, surface, f"{0.83 * dwellings * share * part:.12f}"
                yield place.code, 10, "3", kind, "Y", f"{0.09 * dwellings * share:.12f}"
                yield place.code, 10, "4", kind, "Y", f"{0.08 * dwellings * share:.12f}"

    return dataset_id, path, _write(path, ["COMMUNE", "ACHL", "CATL", "TYPL", "SURF", "IPONDL"], rows())


def _indicators(folder: Path, places: list[Commune], seed: int) -> Iterator[Written]:
    """Write the four files of the archive of indicators."""
    members = {"communes": "COM", "epci": "EPCI", "departements": "DEP", "regions": "REG"}
    for grain, delimiter, header, rows in indicators.files(places, seed):
        dataset_id = f"indicateurs-odd-{grain}"
        path = folder / dataset_id / f"ODD_{members[grain]}_2024_synthetique.csv"
        yield dataset_id, path, _write(path, header.split(delimiter), rows, delimiter=delimiter)


def _consumption(folder: Path, places: list[Commune], energies: Energies) -> Iterator[Written]:
    """Write the yearly consumption of communes, and its sums by département and région."""
    what = ("CODE CATEGORIE CONSOMMATION", "CODE GRAND SECTEUR", "CODE SECTEUR NAF2", "Nb sites", "Conso totale (MWh)")
    tail = (*what, "Nombre de mailles secretisées")
    categories = {"RESIDENTIEL": "RES", "TERTIAIRE": "PRO", "INDUSTRIE": "ENT", "AGRICULTURE": "ENT"}
    lines: list[Sequence[object]] = []
    sums: dict[tuple[object, ...], list[float]] = defaultdict(lambda: [0, 0.0, 0])
    for year in sorted(energies):
        for place, filiere, sector, mwh, sites, is_secret in yearly_by_commune(places, energies[year]):
            head = ("Exemple Réseaux", filiere, year)
            about = (place.epci, f"EPCI {place.epci}", "CC", place.departement, f"Département {place.departement}")
            kept = ("", "", 1) if is_secret else (sites, f"{mwh:.3f}", 0)
            where = (place.code, place.name, *about, place.region, _NAMES[place.region])
            lines.append((*head, *where, categories[sector], sector, "", *kept))
            for key in (("departement", place.departement), ("region", place.region)):
                total = sums[(*key, *head, categories[sector], sector)]
                total[0] += 0 if is_secret else sites
                total[1] += 0 if is_secret else mwh
                total[2] += is_secret
    header = [
        *("OPERATEUR", "FILIERE", "Année", "Code Commune", "Nom Commune", "Code EPCI", "Nom EPCI", "Type EPCI"),
        *("Code Département", "Nom Département", "Code Région", "Nom Région", *tail),
    ]
    name = "consommation-annuelle-d-electricite-et-gaz-par"
    path = folder / f"{name}-commune" / f"{name}-commune_synthetique.csv"
    yield f"{name}-commune", path, _write(path, header, lines, end="\r\n", bom=True)
    region_of = {code: region for region, names in DEPARTEMENTS.items() for code in names.split()}
    for level, label in (("departement", "Département"), ("region", "Région")):
        larger = []
        for (kind, code, *rest), (sites_sum, mwh_sum, secret) in sums.items():
            if kind == level:
                text = str(code)
                region = region_of.get(text, text)
                words = f"Département {text}" if level == "departement" else _NAMES[text]
                above = (region, _NAMES[region]) if level == "departement" else ()
                larger.append(
                    (*rest[:3], text, words, *above, *rest[3:], "", int(sites_sum), f"{mwh_sum:.3f}", int(secret))
                )
        more = ("Code Région", "Nom Région") if level == "departement" else ()
        columns = ["OPERATEUR", "FILIERE", "Année", f"Code {label}", f"Nom {label}", *more, *tail]
        path = folder / f"{name}-{level}" / f"{name}-{level}_synthetique.csv"
        yield f"{name}-{level}", path, _write(path, columns, larger, end="\r\n", bom=True)


def _regional(folder: Path, energies: Energies) -> Iterator[Written]:
    """Write ODRÉ's yearly sets by région."""
    years = [(year, region, gwh) for year in sorted(energies) for region, gwh in sorted(energies[year].items())]
    dataset_id = "consommation-annuelle-brute-regionale"
    header = [
        *("Année", "Code INSEE région", "Région", "Consommation brute gaz (GWh PCS 0°C) - NaTran", "Statut - NaTran"),
        *("Consommation brute gaz (GWh PCS 0°C) - Teréga", "Statut - Teréga"),
        *("Consommation brute électricité (GWh) - RTE", "Consommation brute gaz totale (GWh PCS 0°C)"),
        *("Statut - RTE", "Consommation brute totale (GWh)"),
    ]
    rows: list[Sequence[object]] = []
    for year, region, gwh in years:
        power, gas = round(gwh["consommation"]), round(gwh.get("gaz", 0)) or None
        status = "Définitif" if gas else None
        both = power + gas if gas else None
        rows.append((year, region, _NAMES[region], gas, status, None, None, power, gas, "Définitif", both))
    path = folder / dataset_id / f"{dataset_id}_synthetique.csv"
    yield dataset_id, path, _write(path, header, rows, end="\r\n", bom=True)

    dataset_id = "prod-region-annuelle-filiere"
    names = ("nucleaire", "thermique", "hydraulique", "eolien", "solaire", "bioenergies")
    labels = ("nucléaire", "thermique", "hydraulique", "éolienne", "solaire", "bioénergies")
    header = ["Année", "Code INSEE région", "Région", *(f"Production {label} (GWh)" for label in labels)]
    lines: list[Sequence[object]] = [
        (year, region, _NAMES[region], *(f"{gwh[name]:.1f}" if gwh.get(name) else None for name in names))
        for year, region, gwh in years
    ]
    path = folder / dataset_id / f"{dataset_id}_synthetique.csv"
    yield dataset_id, path, _write(path, header, lines)

    dataset_id = "prod-region-annuelle-enr"
    renewable = ("hydraulique", "bioenergies", "eolien", "solaire")
    words = ("hydraulique", "bioénergies", "éolienne", "solaire")
    header = [
        *("Annee", "Nom INSEE région", "Code INSEE région"),
        *(f"Production {word} renouvelable (GWh)" for word in words),
        *(f"Production {word} renouvelable (GWh)" for word in ("électrique", "gaz", "totale")),
    ]
    lines = []
    for year, region, gwh in years:
        parts = [round(gwh.get(name, 0.0), 1) for name in renewable]
        whole = round(sum(parts), 1)
        lines.append((year, _NAMES[region], region, *parts, whole, None, whole))
    path = folder / dataset_id / f"{dataset_id}_synthetique.csv"
    yield dataset_id, path, _write(path, header, lines, end="\r\n", bom=True)


def _holidays(folder: Path, years: Sequence[int]) -> Written:
    """Write the school holidays of the years as the package has them: dates of a calendar are not invented."""
    first, last = date(min(years) - 1, 9, 1), date(max(years) + 1, 9, 1)
    by_zone: dict[str, list[tuple[date, str]]] = defaultdict(list)
    for day, name, zone in school_holidays():
        if first <= day < last:
            by_zone[zone].append((day, name))
    rows: list[Sequence[object]] = []
    for zone, days in sorted(by_zone.items()):
        for _, run in groupby(enumerate(sorted(days)), key=lambda item: (item[1][0].toordinal() - item[0], item[1][1])):
            holiday = [day for _, day in run]
            start, back, name = holiday[0][0], holiday[-1][0] + timedelta(days=1), holiday[0][1]
            school_year = start.year if start.month >= 9 else start.year - 1  # noqa: PLR2004 - September
            for academie, where in (
                (_ACADEMIES[zone], f"Zone {zone}"),
                *((("Corse", "Corse"),) if zone == "B" else ()),
            ):
                rows.append(
                    (name, "-", _midnight(start), _midnight(back), academie, where, f"{school_year}-{school_year + 1}")
                )
    dataset_id = "fr-en-calendrier-scolaire"
    path = folder / dataset_id / f"{dataset_id}_synthetique.csv"
    header = ["Description", "Population", "Date de début", "Date de fin", "Académies", "Zones", "annee_scolaire"]
    return dataset_id, path, _write(path, header, rows, end="\r\n", bom=True)


def _midnight(day: date) -> str:
    return datetime.combine(day, time(), _PARIS).astimezone(_UTC).isoformat()
