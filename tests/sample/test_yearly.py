"""Territories: sums over communes are those of the régions, cities have arrondissements, one commune is absorbed."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.database import connect
from dataelec_assets.lake.file_formats import inspect, unknown_headers
from dataelec_assets.sample import Summary
from dataelec_assets.sample.territories import DEPARTEMENTS, communes, shares
from tests.reading import read_table

SEED = 20260101


def _rows(summary: Summary, dataset_id: str, part: str = "") -> list[dict[str, str]]:
    (path,) = (file.path for file in summary.files if file.dataset_id == dataset_id and part in file.path.name)
    delimiter = "," if dataset_id.startswith("code-officiel") else ";"
    with Path(path).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=delimiter))


def test_every_departement_has_communes_and_every_code_is_its_own() -> None:
    places = communes(SEED)
    codes = [place.code for place in places]
    assert len(codes) == len(set(codes))
    assert all(len(code) == 5 and code.startswith(place.departement) for code, place in zip(codes, places, strict=True))
    wanted = {name for names in DEPARTEMENTS.values() for name in names.split()}
    assert {place.departement for place in places} == wanted
    assert len(wanted) == 101
    assert {place.code for place in places if place.arrondissements} == {"75056", "69123", "13055"}


def test_the_inhabitants_of_a_city_are_those_of_its_arrondissements() -> None:
    assert shares(10, 3) == [4, 3, 3]
    assert sum(shares(2_145_906, 20)) == 2_145_906


@pytest.mark.parametrize("year", ["2020", "2023"])
def test_communes_departements_and_regions_have_the_same_inhabitants(summary: Summary, year: str) -> None:
    sums = [
        sum(int(row["PMUN"]) for row in _rows(summary, f"populations-legales-{level}", year))
        for level in ("communes", "departements", "regions")
    ]
    assert sums[0] == sums[1] == sums[2] > 60_000_000


def test_both_generations_of_headers_are_there(summary: Summary) -> None:
    old, new = (_rows(summary, "populations-legales-communes", year)[0] for year in ("2020", "2023"))
    assert "CODREG" in old
    assert "Commune" in new
    for row in _rows(summary, "populations-legales-communes", "2023"):
        assert row["COM"] == row["DEP"][:2] + row["CODCOM"]


def _value(france: duckdb.DuckDBPyConnection, query: str) -> float:
    ((value,),) = france.sql(query).fetchall()
    return float(value)


def _gross(france: duckdb.DuckDBPyConnection, region: str, year: int) -> float:
    """Return the yearly electricity of a région, GWh."""
    return _value(
        france,
        'select "Consommation brute électricité (GWh) - RTE"::double from consommation_annuelle_brute_regionale '
        f"where \"Année\" = '{year}' and \"Code INSEE région\" = '{region}'",
    )


def test_yearly_consumption_by_commune_is_what_reaches_customers_of_the_region(
    france: duckdb.DuckDBPyConnection,
) -> None:
    commune, region = (
        _value(
            france,
            f'select sum("Conso totale (MWh)"::double) from consommation_annuelle_d_electricite_et_gaz_par_{level} '
            "where \"FILIERE\" = 'Electricité' and \"Année\" = '2023' and \"Code Région\" = '53'",
        )
        for level in ("commune", "region")
    )
    assert commune == pytest.approx(region, abs=0.1)
    # Nine tenths, less what is kept secret.
    assert 0.85 < commune / (1000 * _gross(france, "53", 2023)) <= 0.9001


def test_what_is_secret_has_no_value(summary: Summary) -> None:
    rows = _rows(summary, "consommation-annuelle-d-electricite-et-gaz-par-commune")
    secret = [row for row in rows if row["Nombre de mailles secretisées"] != "0"]
    assert 0 < len(secret) < len(rows)
    assert {row["Conso totale (MWh)"] for row in secret} == {""}


def test_the_yearly_sets_agree_with_the_half_hours(france: duckdb.DuckDBPyConnection) -> None:
    half_hourly = _value(
        france,
        "select sum(consommation_brute_electricite_rte) * 0.5 / 1000 from consommation_quotidienne_brute_regionale "
        "where year(date_heure) = 2024 and code_insee_region = '11'",
    )
    assert _gross(france, "11", 2024) == pytest.approx(half_hourly, rel=0.001)


def test_one_commune_is_absorbed_between_the_two_editions(summary: Summary) -> None:
    dataset_id = "code-officiel-geographique-communes"
    before, after = ({row["COM"]: row for row in _rows(summary, dataset_id, year)} for year in ("2024", "2025"))
    assert {code for code in before if before[code]["TYPECOM"] != after[code]["TYPECOM"]} == {"01002"}
    assert (after["01002"]["TYPECOM"], after["01002"]["COMPARENT"]) == ("COMD", "01001")
    events = _rows(summary, "code-officiel-geographique-mouvements")
    assert {(row["MOD"], row["COM_AV"], row["COM_AP"]) for row in events} == {
        ("32", "01001", "01001"),
        ("32", "01002", "01001"),
    }


def test_dwellings_shelter_the_inhabitants(summary: Summary) -> None:
    dwellings = sum(float(row["IPONDL"]) for row in _rows(summary, "recensement-logement"))
    inhabitants = sum(int(row["PMUN"]) for row in _rows(summary, "populations-legales-communes", "2020"))
    assert 2 < inhabitants / dwellings < 2.5


def test_the_holidays_are_those_of_the_calendar_in_utc(summary: Summary) -> None:
    rows = _rows(summary, "fr-en-calendrier-scolaire")
    spring = [
        (row["Date de début"], row["Date de fin"])
        for row in rows
        if row["Zones"] == "Zone C" and row["annee_scolaire"] == "2023-2024" and "printemps" in row["Description"]
    ]
    # 6 to 22 April 2024, midnight in Paris.
    assert spring == [("2024-04-05T22:00:00+00:00", "2024-04-21T22:00:00+00:00")]
    assert {row["Zones"] for row in rows} == {"Zone A", "Zone B", "Zone C", "Corse"}


def test_indicators_come_in_the_layout_of_the_publisher(summary: Summary) -> None:
    read = {}
    for grain in ("communes", "epci", "crte", "departements", "regions", "metropole", "france"):
        dataset = load_catalog()[f"indicateurs-odd-{grain}"]
        (path,) = (file.path for file in summary.files if file.dataset_id == dataset.id)
        first = path.read_bytes().split(b"\r\n")[0].decode("cp1252")
        assert first.startswith('"codgeo";"libgeo";"no_indic";"ODD1";"Cible1";"ODD2";"Cible2";"type_var";"variable"')
        assert first.endswith(';"sous_champ";"A2022";"A2021";"A2020"')
        raw = inspect(dataset.id, path)
        assert unknown_headers(dataset, raw) == ()
        read[grain] = read_table(connect(), dataset, raw).to_pylist()
        assert len({tuple(row[name] for name in dataset.key) for row in read[grain]}) == len(read[grain])

    def total(grain: str, variable: str, year: int) -> float:
        rows = {row["codgeo"]: row for row in read[grain] if (row["variable"], row["annee"]) == (variable, year)}
        return sum(float(row["valeur"]) for row in rows.values())

    # Counts are published for all grains but EPCI; a variable of two indicators is worth the same under both.
    for grain in ("departements", "regions", "crte", "france"):
        assert total(grain, "agribio_surf", 2020) == pytest.approx(total("communes", "agribio_surf", 2020), rel=1e-6)
    assert 0 < total("metropole", "agribio_surf", 2020) < total("france", "agribio_surf", 2020)
    assert total("epci", "agribio_surf", 2020) == 0
    assert {row["no_indic"] for row in read["regions"] if row["variable"] == "pop"} == {"i017", "i021"}
    # A rate is that of its terms, to the decimals of the publisher.
    areas, used, shares = (total("france", each, 2022) for each in ("agribio_surf", "saue", "part_agribio_surf"))
    assert shares == pytest.approx(100 * areas / used, abs=0.006)
    assert {row["type_var"] for row in read["communes"]} == {"i", "c"}
