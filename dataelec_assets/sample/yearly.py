"""Files of territories and years, each in the shape in which its publisher has it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from dataelec_assets.lake.calendar import school_holidays
from dataelec_assets.sample.insee import write_editions
from dataelec_assets.sample.regions import REGIONS
from dataelec_assets.sample.territories import (
    DEPARTEMENTS,
    OVERSEAS,
    Commune,
    communes,
    yearly_by_commune,
)
from dataelec_assets.sample.text_files import Written, write_text

# Per year and région, GWh by measure: ``consommation``, ``gaz`` and the filières.
Energies = Mapping[int, Mapping[str, Mapping[str, float]]]

_NAMES = {region.code: region.name for region in REGIONS} | OVERSEAS

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
        *write_editions(folder / "insee", places, seed),
        *_consumption(folder / "ore", places, energies),
        *_regional(folder / "odre", energies),
        _holidays(folder / "education", years),
    ]


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
    yield f"{name}-commune", path, write_text(path, header, lines, end="\r\n", bom=True)
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
        yield f"{name}-{level}", path, write_text(path, columns, larger, end="\r\n", bom=True)


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
    yield dataset_id, path, write_text(path, header, rows, end="\r\n", bom=True)

    dataset_id = "prod-region-annuelle-filiere"
    names = ("nucleaire", "thermique", "hydraulique", "eolien", "solaire", "bioenergies")
    labels = ("nucléaire", "thermique", "hydraulique", "éolienne", "solaire", "bioénergies")
    header = ["Année", "Code INSEE région", "Région", *(f"Production {label} (GWh)" for label in labels)]
    lines: list[Sequence[object]] = [
        (year, region, _NAMES[region], *(f"{gwh[name]:.1f}" if gwh.get(name) else None for name in names))
        for year, region, gwh in years
    ]
    path = folder / dataset_id / f"{dataset_id}_synthetique.csv"
    yield dataset_id, path, write_text(path, header, lines)

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
    yield dataset_id, path, write_text(path, header, lines, end="\r\n", bom=True)


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
    return dataset_id, path, write_text(path, header, rows, end="\r\n", bom=True)


def _midnight(day: date) -> str:
    return datetime.combine(day, time(), _PARIS).astimezone(_UTC).isoformat()
