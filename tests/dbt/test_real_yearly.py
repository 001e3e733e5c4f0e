"""The yearly tables on the files that ODRÉ and Agence ORE published, beside the half-hours."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.lake.file_formats import inspect, unknown_headers
from dataelec_assets.lake.parquet import ParquetLake
from tests.dbt.lakes import BuiltLake, found_by
from tests.dbt.real import FINDINGS_OF_YEARS, YEARLY, files_of
from tests.dbt.yearly import REGIONAL_YEAR, RENEWABLE

pytestmark = [pytest.mark.real, pytest.mark.slow]


def test_published_data_passes_every_check_that_blocks(real_lake: BuiltLake) -> None:
    assert {name for name, status in found_by(real_lake.results).items() if status == "fail"} == set()


def test_checks_that_list_find_what_the_files_are_known_to_hold(real_lake: BuiltLake) -> None:
    assert {name: real_lake.results[name].failures for name in FINDINGS_OF_YEARS} == FINDINGS_OF_YEARS


@pytest.mark.parametrize(("year", "twh"), [(2013, 494.30), (2018, 478.43), (2019, 494.34)])
def test_electricity_of_a_year_in_thirteen_regions(real_lake: BuiltLake, year: int, twh: float) -> None:
    ((regions, total),) = real_lake.query(
        "SELECT count(DISTINCT code_region), sum(consommation_electricite_gwh) / 1000 "
        f"FROM fct_consommation_annuelle_regionale WHERE annee = {year}"
    )
    assert regions == 13
    assert total == pytest.approx(twh, abs=0.01)


def test_exactly_2019_is_reported_as_out_of_line_with_the_half_hours(real_lake: BuiltLake) -> None:
    compared = real_lake.query(
        "SELECT territoire, annee FROM mart_rapprochement_annuel WHERE ecart_pct IS NOT NULL ORDER BY ALL"
    )
    assert [year for territory, year in compared if territory == "FR"] == [2016, 2017, 2018, 2019]
    assert len(compared) == 4 + 2 * 12  # each region in 2018 and 2019
    rows = real_lake.query(
        "SELECT territoire, annee, annuelle_gwh, annuelle_hors_corse_gwh, demi_horaire_gwh, ecart_pct "
        "FROM mart_rapprochement_annuel WHERE est_hors_tolerance"
    )
    ((territory, year, annual, without_corse, half_hourly, percent),) = rows
    assert (territory, year) == ("FR", 2019)
    assert annual == pytest.approx(494_339)
    assert half_hourly == pytest.approx(470_480, rel=0.0005)
    assert percent == pytest.approx(-4.84, abs=0.01)
    # Corse alone is in the wrong: without it the year closes.
    assert half_hourly / without_corse == pytest.approx(1, abs=0.002)


def test_published_totals_report_the_consumption_of_2019_and_two_years_of_solar_power(real_lake: BuiltLake) -> None:
    rows = real_lake.query(
        "SELECT grandeur, annee, calcul, publie_twh, round(calcule_twh, 1) FROM mart_ecarts_publies "
        "WHERE est_hors_tolerance ORDER BY 1, 2"
    )
    assert rows == [
        ("consommation_brute", 2019, "annuel_par_region", 473.0, 494.3),
        # RTE restated both; the regions' file is of November 2024.
        ("production_solaire", 2018, "annuel_par_region", 10.8, 10.4),
        ("production_solaire", 2019, "annuel_par_region", 11.6, 12.0),
    ]
    compared = real_lake.query(
        "SELECT annee, calcul FROM mart_ecarts_publies WHERE grandeur = 'consommation_brute' AND calcul <> 'aucun' "
        "ORDER BY ALL"
    )
    assert compared == [
        *((year, calcul) for year in (2017, 2018, 2019) for calcul in ("annuel_par_region", "demi_horaire")),
        (2020, "annuel_par_region"),
    ]


@pytest.mark.parametrize("dataset_id", [REGIONAL_YEAR, RENEWABLE])
def test_shapes_of_regions_stay_in_raw(real_lake: BuiltLake, real_data: Path, dataset_id: str) -> None:
    (published,) = files_of(real_data, dataset_id)
    with published.open(encoding="utf-8-sig") as stream:
        header = next(csv.reader(stream, delimiter=";"))
    assert "Géo-shape région" in header
    dataset = load_catalog()[dataset_id]
    copy = ParquetLake(real_lake.lake.paths).file(dataset, "all")
    names = pq.read_schema(copy).names
    assert names == list(dataset.column_names)
    assert not [name for name in names if "geo" in name]
    assert copy.stat().st_size < 0.02 * published.stat().st_size


@pytest.mark.parametrize("dataset_id", YEARLY)
def test_every_header_of_the_published_files_is_known(real_data: Path, dataset_id: str) -> None:
    dataset = load_catalog()[dataset_id]
    assert [unknown_headers(dataset, inspect(dataset_id, file)) for file in files_of(real_data, dataset_id)] == [()]


def test_the_row_without_a_year_is_in_the_lake_and_not_in_the_fact(real_lake: BuiltLake) -> None:
    ((rows, undated),) = real_lake.query(
        "SELECT count(*), count(*) FILTER (annee IS NULL) FROM staging.stg_odre__prod_region_annuelle_enr"
    )
    assert (rows, undated) == (209, 1)
    ((regions_and_years, undated),) = real_lake.query(
        "SELECT count(DISTINCT (code_region, annee)), count(*) FILTER (annee IS NULL) FROM fct_production_annuelle"
    )
    assert (regions_and_years, undated) == (208, 0)


def test_wind_and_solar_come_from_the_renewables_where_they_are_whole(real_lake: BuiltLake) -> None:
    rows = real_lake.query(
        "SELECT filiere, round(sum(energie_mwh) / 1e6, 3), round(sum(energie_renouvelable_mwh) / 1e6, 3), min(source) "
        "FROM fct_production_annuelle WHERE annee = 2023 AND energie = 'electricite' GROUP BY 1 ORDER BY 1"
    )
    source = "prod-region-annuelle-enr"
    assert rows == [
        ("bioenergies", None, 8.424, None),
        ("eolien", 50.883, 50.883, source),
        ("hydraulique", None, 54.866, None),
        ("solaire", 21.466, 21.466, source),
    ]


def test_both_older_forms_agree_or_their_difference_has_its_reason(real_lake: BuiltLake) -> None:
    rows = real_lake.query("SELECT raison, count(*), min(annee), max(annee) FROM mart_ecarts_ore GROUP BY 1 ORDER BY 1")
    assert rows == [
        ("aucun écart", 849, 2011, 2019),
        ("régions et secteurs revus entre les deux copies", 257, 2018, 2019),
        ("secret statistique plus large par département", 194, 2011, 2017),
        ("valeur revue entre les deux copies", 5, 2017, 2017),
    ]
    # Only what few consumers share is kept secret: homes, and gas of unknown use.
    sectors = real_lake.query(
        "SELECT DISTINCT code_secteur FROM mart_ecarts_ore WHERE raison LIKE 'secret%' ORDER BY 1"
    )
    assert sectors == [("inconnu",), ("residentiel",)]


def test_both_older_forms_give_the_same_france(real_lake: BuiltLake) -> None:
    ((pairs, until_2017, since_2018),) = real_lake.query(
        "SELECT count(*), max(abs(ecart)) FILTER (annee <= 2017), max(abs(ecart)) FILTER (annee >= 2018) FROM ("
        "SELECT annee, sum(energie_par_region_mwh) / sum(energie_par_departement_mwh) - 1 AS ecart "
        "FROM mart_ecarts_ore GROUP BY annee, energie)"
    )
    assert pairs == 18
    assert until_2017 < 0.0003
    assert since_2018 < 0.0006


def test_a_secret_is_never_a_zero(real_lake: BuiltLake) -> None:
    ((zeros, withheld, partial),) = real_lake.query(
        "SELECT count(*) FILTER (energie_mwh = 0), count(*) FILTER (energie_mwh IS NULL), "
        "count(*) FILTER (energie_mwh > 0) FROM fct_consommation_annuelle WHERE est_secret"
    )
    assert zeros == 0
    assert withheld > 100
    assert partial > 1000
    # A zero is one that was published as such, without secret cells.
    assert real_lake.query("SELECT count(*) > 0 FROM fct_consommation_annuelle WHERE energie_mwh = 0") == [(True,)]


def test_arrondissements_of_lyon_are_summed_and_the_series_goes_on(real_lake: BuiltLake) -> None:
    rows = real_lake.query(
        "SELECT annee, round(sum(energie_mwh) / 1e6, 3) FROM fct_consommation_annuelle "
        "WHERE maille = 'commune' AND code_territoire = '69123' AND energie = 'electricite' "
        "AND annee IN (2016, 2017, 2018) GROUP BY 1 ORDER BY 1"
    )
    assert rows == [(2016, 2.742), (2017, 2.712), (2018, 2.666)]
    codes = real_lake.query(
        "SELECT count(DISTINCT code_territoire) FROM fct_consommation_annuelle WHERE maille = 'commune'"
    )
    assert codes == [(59,)]


def test_the_metropole_of_lyon_is_the_sum_of_its_communes_and_below_the_rhone(real_lake: BuiltLake) -> None:
    shares = real_lake.query(
        "SELECT round(min(part), 2), round(max(part), 2), max(abs(communes / epci - 1)) < 1e-9 FROM ("
        "SELECT annee, energie, sum(energie_mwh) FILTER (maille = 'commune') AS communes, "
        "sum(energie_mwh) FILTER (maille = 'epci') AS epci, "
        "epci / sum(energie_mwh) FILTER (maille = 'departement' AND code_territoire = '69') AS part "
        "FROM fct_consommation_annuelle WHERE annee <= 2019 GROUP BY ALL)"
    )
    assert shares == [(0.72, 0.87, True)]
