"""Files of INSEE: populations, official geographic code, census of dwellings, indicators, one edition a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from dataelec_assets import xlsx
from dataelec_assets.sample import indicators
from dataelec_assets.sample.regions import REGIONS
from dataelec_assets.sample.territories import DEPARTEMENTS, OVERSEAS, Commune, inhabitants_of, shares
from dataelec_assets.sample.text_files import Written, write_text

_NAMES = {region.code: region.name for region in REGIONS} | OVERSEAS

# The commune that another one absorbs between two editions of the official geographic code.
_ABSORBED, _ABSORBING = "01002", "01001"


def write_editions(folder: Path, places: list[Commune], seed: int) -> Iterator[Written]:
    """Write what INSEE publishes of communes and what they are part of."""
    yield from _populations(folder, places)
    yield from _geographic_code(folder, places)
    yield _composition(folder, places)
    yield _dwellings(folder, places)
    yield from _indicators(folder, places, seed)


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
    return dataset_id, path, write_text(path, header.split(";"), rows)


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
        yield dataset_id, path, write_text(path, header, lines, delimiter=",")
    dataset_id = "code-officiel-geographique-mouvements"
    sides = ("TYPECOM", "COM", "TNCC", "NCC", "NCCENR", "LIBELLE")
    header = ["MOD", "DATE_EFF", *(f"{name}_{side}" for side in ("AV", "AP") for name in sides)]
    after = ("COM", _ABSORBING, 0, f"EXEMPLE-{_ABSORBING}", f"Exemple-{_ABSORBING}", f"Exemple-{_ABSORBING}")
    before = ("COM", _ABSORBED, 0, f"EXEMPLE-{_ABSORBED}", f"Exemple-{_ABSORBED}", f"Exemple-{_ABSORBED}")
    lines = [(32, "2025-01-01", *side, *after) for side in (after, before)]
    path = folder / dataset_id / "v_mvt_commune_2025_synthetique.csv"
    yield dataset_id, path, write_text(path, header, lines, delimiter=",")


def _composition(folder: Path, places: list[Commune]) -> Written:
    """Write of which communes each EPCI is made, as INSEE does: a workbook with titles above the names of columns."""
    dataset_id = "intercommunalites-composition"
    path = folder / dataset_id / "EPCI_au_01-01-2025_synthetique.xlsx"
    titles = [("Composition communale (synthétique)",), ("",), ("Code géographique", "Libellé géographique")]
    rows = [
        (place.code, place.name, place.epci, f"EPCI {place.epci}", place.departement, place.region)
        for place in places
        if place.code != _ABSORBED
    ]
    header = ("CODGEO", "LIBGEO", "EPCI", "LIBEPCI", "DEP", "REG")
    xlsx.write(path, "Composition_communale", [*titles, header, *rows])
    return dataset_id, path, len(rows)


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

    return dataset_id, path, write_text(path, ["COMMUNE", "ACHL", "CATL", "TYPL", "SURF", "IPONDL"], rows())


def _indicators(folder: Path, places: list[Commune], seed: int) -> Iterator[Written]:
    """Write the files of the archive of indicators, as INSEE does: cp1252, CRLF, texts quoted and numbers bare."""
    members = {
        "communes": "COM",
        "epci": "EPCI",
        "crte": "CRTE",
        "departements": "DEP",
        "regions": "REG",
        "metropole": "MET",
        "france": "FRA",
    }
    header = ";".join(f'"{name}"' for name in (*indicators.HEADER, *(f"A{year}" for year in indicators.YEARS)))
    for grain, lines in indicators.files(places, seed):
        dataset_id = f"indicateurs-odd-{grain}"
        path = folder / dataset_id / f"ODD_{members[grain]}_2024_synthetique.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        texts = [
            ";".join(
                [*(f'"{text}"' for text in words), *("" if value is None else f"{value:.12g}" for value in values)]
            )
            for words, values in lines
        ]
        path.write_bytes("".join(f"{text}\r\n" for text in (header, *texts)).encode("cp1252"))
        yield dataset_id, path, len(lines)
