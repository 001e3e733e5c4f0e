"""The tables of consumption, weather and gas on the files that the portals published."""

from __future__ import annotations

import pytest

from dataelec_assets.catalog.regions import METROPOLITAN_REGIONS
from tests.dbt.lakes import BuiltLake, found_by
from tests.dbt.real import KNOWN_FINDINGS

pytestmark = [pytest.mark.real, pytest.mark.slow]

# Seven month ends, then every one from 2024-03 to 2025-09, and 2024-12-30.
MISSING_TEMPERATURES = (
    "2021-04-30 2022-07-31 2022-08-31 2023-01-31 2023-02-28 2023-08-31 2023-10-31 "
    "2024-03-31 2024-04-30 2024-05-31 2024-06-30 2024-07-31 2024-08-31 2024-09-30 2024-10-31 2024-11-30 "
    "2024-12-30 2024-12-31 2025-01-31 2025-02-28 2025-03-31 2025-04-30 2025-05-31 2025-06-30 2025-07-31 "
    "2025-08-31 2025-09-30"
)


def test_published_data_passes_every_check_that_blocks(real_lake: BuiltLake) -> None:
    assert {name for name, status in found_by(real_lake.results).items() if status == "fail"} == set()


def test_checks_that_list_find_what_the_files_are_known_to_hold(real_lake: BuiltLake) -> None:
    found = {name: real_lake.results[name].failures for name in found_by(real_lake.results)}
    assert found == KNOWN_FINDINGS


# Measured once on the whole file, with every reading at its place and without the labels that no clock shows.
TWH = {
    2012: 486.5562,
    2013: 492.1226,
    2014: 462.3000,
    2015: 473.1003,
    2016: 480.2686,
    2017: 478.9935,
    2018: 475.4638,
    2019: 470.4299,
    2020: 445.5709,
    2021: 467.1448,
    2022: 450.2957,
    2023: 435.6265,
    2024: 441.4985,
}


def test_national_electricity_of_each_year_that_the_file_has_whole(real_lake: BuiltLake) -> None:
    found = real_lake.query(
        "SELECT year(date_locale), sum(energie_electricite_mwh) / 1e6 FROM fct_consommation_nationale "
        "GROUP BY 1 HAVING count(*) = 48 * count(DISTINCT date_locale) AND count(DISTINCT date_locale) >= 365 "
        "ORDER BY 1"
    )
    assert {2017, 2018, 2019} <= {year for year, _ in found}
    assert found == [(year, pytest.approx(TWH[year], abs=1e-4)) for year, _ in found]


def test_the_peak_of_2018_is_the_evening_of_28_february(real_lake: BuiltLake) -> None:
    ((day, label, power),) = real_lake.query(
        "SELECT date_locale::VARCHAR, heure_locale, consommation_electricite_mw FROM fct_consommation_nationale "
        "WHERE year(date_locale) = 2018 ORDER BY 3 DESC LIMIT 1"
    )
    assert (day, label, power) == ("2018-02-28", "19:30", 96_272)


def test_twelve_regions_add_up_to_france_day_by_day(real_lake: BuiltLake) -> None:
    ((days, largest),) = real_lake.query(
        "SELECT count(*), max(abs(ecart_relatif)) FROM intermediate.int_consommation_comparer_regions_et_france"
    )
    assert days == 822
    assert largest < 0.0001


def test_label_is_unique_for_each_region_and_day(real_lake: BuiltLake) -> None:
    ((rows, keys),) = real_lake.query(
        "SELECT count(*), count(DISTINCT (code_region, date_locale, heure_locale)) FROM fct_consommation_regionale"
    )
    assert rows == keys == 507_456


def test_spring_day_has_48_labels_two_of_them_fictitious_and_without_energy(real_lake: BuiltLake) -> None:
    rows = real_lake.query(
        "SELECT code_region, count(*), string_agg(heure_locale, ' ' ORDER BY heure_locale) FILTER (est_heure_fictive), "
        "count(energie_electricite_mwh) FROM fct_consommation_regionale "
        "WHERE date_locale = DATE '2019-03-31' GROUP BY 1 ORDER BY 1"
    )
    expected = [(code, 48, "02:00 02:30", 46) for code in sorted(METROPOLITAN_REGIONS) if code != "94"]
    assert rows == expected


def test_missing_autumn_hour_is_reported_and_not_invented(real_lake: BuiltLake) -> None:
    rows = real_lake.query(
        "SELECT DISTINCT nombre_etiquettes, demi_heures_theoriques, demi_heures_electricite, "
        "demi_heures_electricite_manquantes, heures_gaz_manquantes, est_complet_electricite "
        "FROM mart_completude_jour WHERE date = DATE '2019-10-27'"
    )
    assert rows == [(48, 50, 48, 2, 1, False)]


def test_status_without_value_is_counted_as_missing(real_lake: BuiltLake) -> None:
    rows = real_lake.query(
        "SELECT count(*), count(consommation_electricite_mw), count(statut_electricite) "
        "FROM fct_consommation_regionale WHERE mois = '2022-02'"
    )
    assert rows == [(16_128, 0, 16_128)]
    missing = real_lake.query(
        "SELECT sum(demi_heures_electricite_manquantes) FROM mart_completude_jour "
        "WHERE jeu = 'consommation_regionale' AND strftime(date, '%Y-%m') = '2022-02'"
    )
    assert missing == [(16_128,)]


def test_gas_in_storage_before_the_winter_of_2021(real_lake: BuiltLake) -> None:
    ((stock, pits, complete),) = real_lake.query(
        "SELECT stock_gwh, nombre_pits, est_complet FROM mart_stock_gaz_national WHERE date = DATE '2021-11-01'"
    )
    assert stock == pytest.approx(121_800, abs=100)
    assert (pits, complete) == (6, True)


def test_missing_month_ends_of_temperature_stay_missing(real_lake: BuiltLake) -> None:
    rows = real_lake.query(
        "SELECT CAST(d.date AS VARCHAR) FROM dim_date AS d "
        "WHERE d.date BETWEEN (SELECT min(date) FROM fct_temperature_regionale) "
        "AND (SELECT max(date) FROM fct_temperature_regionale) "
        "AND NOT EXISTS (SELECT 1 FROM fct_temperature_regionale AS t WHERE t.date = d.date) ORDER BY 1"
    )
    assert len(rows) == 27
    assert " ".join(day for (day,) in rows) == MISSING_TEMPERATURES


def test_region_names_are_those_of_the_catalogue(real_lake: BuiltLake) -> None:
    assert (
        dict(real_lake.query("SELECT code_region, nom_region FROM dim_region WHERE est_metropolitaine"))
        == METROPOLITAN_REGIONS
    )
