"""Each data test of consumption, weather, gas, exchanges and injections finds its own fault, and no other.

Longer than 300 lines because one lake, which is dear to build, holds the faults of all these subjects.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from tests.dbt.bornes import WORDS as CHARGING_WORDS
from tests.dbt.calendar import WORDS as CALENDAR_WORDS
from tests.dbt.consumption import (
    EXCHANGES,
    GAS_STOCK,
    INJECTIONS,
    NATIONAL,
    REGIONAL,
    SELECT,
    TEMPERATURE,
    exchange_day,
    injection,
    national_day,
    regional_day,
    stock_day,
    temperature_day,
)
from tests.dbt.indicateurs import WORDS as INDICATOR_WORDS
from tests.dbt.lakes import ACROSS_WORDS, TinyLake, days
from tests.dbt.mix import WORDS as MIX_WORDS
from tests.dbt.prevision import WORDS as FORECAST_WORDS
from tests.dbt.territories import WORDS as TERRITORY_WORDS
from tests.dbt.thermosensibilite import WORDS as SENSITIVITY_WORDS
from tests.dbt.typologie import WORDS as TYPOLOGY_WORDS
from tests.dbt.yearly import WORDS as YEARLY_WORDS

Rows = dict[str, list[dict[str, Any]]]

# Twelve days around the clock change of spring.
FIRST, LAST = date(2020, 3, 20), date(2020, 3, 31)


def clean_rows() -> Rows:
    """Return rows without any fault."""
    around_november = days(date(2021, 10, 30), date(2021, 11, 4))
    return {
        NATIONAL: [row for day in days(FIRST, LAST) for row in national_day(day)],
        REGIONAL: [row for day in days(FIRST, LAST) for row in regional_day(day)],
        TEMPERATURE: [row for day in days(date(2020, 1, 28), date(2020, 2, 3)) for row in temperature_day(day)],
        GAS_STOCK: [row for day in around_november for row in stock_day(day)],
        EXCHANGES: [row for day in days(date(2018, 1, 1), date(2018, 1, 3)) for row in exchange_day(day)],
        INJECTIONS: [injection(date(2019, 1, 1), "76", "Nucléaire", 1000)] * 2,
    }


def _day(number: int) -> date:
    return date(2020, 3, number)


def _find(rows: list[dict[str, Any]], **wanted: Any) -> Iterator[dict[str, Any]]:
    """Yield the rows that hold all of ``wanted``; a fault must hit something."""
    hits = [row for row in rows if all(row.get(name) == value for name, value in wanted.items())]
    assert hits, wanted
    yield from hits


def _one(rows: list[dict[str, Any]], **wanted: Any) -> dict[str, Any]:
    (row,) = _find(rows, **wanted)
    return row


def _at(row: dict[str, Any], day: date, label: str) -> bool:
    # Noon UTC-ish labels only: the civil day of the instant is then the day of the label.
    return bool(row["heure"] == label and (row["date_heure"] + timedelta(hours=2)).date() == day)


def _label(rows: list[dict[str, Any]], day: date, label: str, region: str | None = None) -> dict[str, Any]:
    (row,) = [row for row in rows if _at(row, day, label) and row.get("code_insee_region") == region]
    return row


def _spoil_consumption(rows: Rows) -> None:
    for dataset_id, region in ((NATIONAL, None), (REGIONAL, "11")):
        series = rows[dataset_id]
        series.append(dict(_label(series, _day(21), "10:00", region)))
        row = _label(series, _day(23), "10:30", region)
        row["consommation_brute_gaz_totale"] = row["consommation_brute_gaz_grtgaz"] = 5.0
        row = _label(series, _day(24), "10:00", region)
        row["consommation_brute_gaz_totale"] += 50
        row["consommation_brute_totale"] += 50
        _label(series, _day(25), "10:00", region)["consommation_brute_totale"] += 7
        for hour in range(10, 14):  # 8 labels of 12 days: 1.4 %
            for minute in ("00", "30"):
                _label(series, _day(22), f"{hour}:{minute}", region)["consommation_brute_electricite_rte"] = None
    national, regional = rows[NATIONAL], rows[REGIONAL]
    _label(national, _day(25), "11:00")["date"] = _day(26)
    # Half of what the regions add up to: more than 0.5 % of the day.
    _label(national, _day(22), "15:30")["consommation_brute_electricite_rte"] = 24_999.0
    national.remove(_label(national, _day(22), "16:30"))
    row = _label(regional, _day(26), "10:00", "24")
    row["consommation_brute_gaz_terega"] = 10.0
    row["consommation_brute_gaz_totale"] += 10
    row["consommation_brute_totale"] += 10
    _label(regional, _day(27), "10:30", "27")["consommation_brute_electricite_rte"] = -5.0
    rows[REGIONAL] = [row for row in regional if (row["code_insee_region"], row["date"]) != ("84", "2020-03-30")]


def _spoil_weather_and_gas(rows: Rows) -> None:
    weather = rows[TEMPERATURE]
    weather.remove(_one(weather, date=date(2020, 1, 29), code_insee_region="94"))
    weather.append(dict(_one(weather, date=date(2020, 1, 30), code_insee_region="11")))
    _one(weather, date=date(2020, 1, 30), code_insee_region="24")["tmoy"] = 10.5
    _one(weather, date=date(2020, 1, 30), code_insee_region="27").update(tmin=12.0, tmax=8.0)
    _one(weather, date=date(2020, 1, 30), code_insee_region="28").update(tmin=-30.0, tmax=10.0, tmoy=-10.0)
    rows[TEMPERATURE] = [row for row in weather if row["date"] != date(2020, 1, 31)]

    stocks = rows[GAS_STOCK]
    for row in _find(stocks, date=date(2021, 11, 1)):
        row["stock_fin_de_journee"] = 1000.0
    stocks.remove(_one(stocks, date=date(2021, 11, 2), pits="Centre"))
    _one(stocks, date=date(2021, 10, 30), pits="Centre")["stock_fin_de_journee"] = 47_900.0
    _one(stocks, date=date(2021, 11, 3), pits="Saline")["stock_fin_de_journee"] = -1.0
    stocks.append(dict(_one(stocks, date=date(2021, 11, 3), pits="Serene")))
    stocks.append({"date": date(2021, 11, 4), "pits": "Nouveau", "source": "Storengy", "stock_fin_de_journee": 1.0})


def _spoil_exchanges_and_injections(rows: Rows) -> None:
    exchanges = rows[EXCHANGES]
    exchanges.append(dict(_one(exchanges, date=date(2018, 1, 1), position=3)))
    _one(exchanges, date=date(2018, 1, 1), position=4)["export_france"] = 1.0
    _one(exchanges, date=date(2018, 1, 1), position=5).update(fr_gb=-100.0, export_france=3900.0)
    _one(exchanges, date=date(2018, 1, 1), position=6).update(gb_fr=100.0, import_france=-700.0)
    for position in (7, 8):
        exchanges.remove(_one(exchanges, date=date(2018, 1, 2), position=position))
    rows[INJECTIONS].append(injection(date(2019, 1, 1), "76", "Marées", 1))


LISTED = {
    "stg_odre__consommation_quotidienne_brute_etiquettes_en_double",
    "stg_odre__consommation_quotidienne_brute_total_egal_gaz_plus_electricite",
    "stg_odre__consommation_quotidienne_brute_jour_publie_conforme_a_l_instant",
    "stg_odre__consommation_quotidienne_brute_regionale_etiquettes_en_double",
    "stg_odre__consommation_quotidienne_brute_regionale_total_egal_gaz_plus_electricite",
    "fct_consommation_nationale_gaz_horaire",
    "fct_consommation_nationale_gaz_somme_des_reseaux",
    "fct_consommation_nationale_mois_sans_valeur",
    "fct_consommation_nationale_electricite_vraisemblable",
    "fct_consommation_regionale_gaz_horaire",
    "fct_consommation_regionale_gaz_somme_des_reseaux",
    "fct_consommation_regionale_mois_sans_valeur",
    "fct_consommation_regionale_electricite_positive",
    "fct_consommation_regionale_terega_au_sud",
    "consommation_somme_des_regions_proche_de_la_france",
    "consommation_somme_des_regions_egale_la_france",
    "mart_completude_jour_48_etiquettes",
    "mart_completude_jour_jours_sans_ligne",
    "stg_odre__temperature_quotidienne_regionale_jours_en_double",
    "fct_temperature_regionale_min_moyenne_max",
    "fct_temperature_regionale_moyenne_au_milieu",
    "fct_temperature_regionale_vraisemblable",
    "temperature_regionale_jours_absents",
    "temperature_regionale_jours_sans_les_treize_regions",
    "stg_odre__stock_quotidien_stockages_gaz_jours_en_double",
    "stg_odre__stock_quotidien_stockages_gaz_pits_connu",
    "fct_stock_gaz_positif",
    "stock_gaz_jours_absents",
    "stock_gaz_au_dessus_du_maximum_vu",
    "stock_gaz_variations_journalieres_fortes",
    "stock_gaz_insuffisant_au_1er_novembre",
    "stg_odre__imports_exports_commerciaux_tranches_en_double",
    "stg_odre__imports_exports_commerciaux_totaux_egaux_aux_sommes",
    "fct_echanges_commerciaux_exports_positifs",
    "fct_echanges_commerciaux_imports_negatifs",
    "echanges_commerciaux_jours_sans_23_a_25_tranches",
    "stg_odre__injections_filiere_connue",
}

# A status that nobody knows, in each of the six columns.
UNKNOWN_STATUSES = {
    f"stg_odre__{dataset_id.replace('-', '_')}_statut_{name}_connu"
    for dataset_id in (NATIONAL, REGIONAL)
    for name in ("electricite", "gaz_natran", "gaz_terega")
}

# What the models make right by construction can only be wrong in the table itself.
IN_TABLES = {
    "fct_consommation_nationale_cle_unique": "INSERT INTO fct_consommation_nationale "
    "SELECT * FROM fct_consommation_nationale WHERE date_locale = DATE '2020-03-20' AND heure_locale = '10:00'",
    "fct_consommation_regionale_cle_unique": "INSERT INTO fct_consommation_regionale "
    "SELECT * FROM fct_consommation_regionale "
    "WHERE date_locale = DATE '2020-03-20' AND heure_locale = '10:00' AND code_region = '11'",
    "fct_consommation_nationale_energie_egale_puissance_fois_pas": "UPDATE fct_consommation_nationale "
    "SET energie_electricite_mwh = consommation_electricite_mw WHERE heure_locale = '11:30'",
    "fct_consommation_regionale_energie_egale_puissance_fois_pas": "UPDATE fct_consommation_regionale "
    "SET energie_electricite_mwh = consommation_electricite_mw WHERE heure_locale = '11:30' AND code_region = '11'",
    "fct_consommation_nationale_heures_fictives_hors_energie": "UPDATE fct_consommation_nationale "
    "SET energie_gaz_mwh = 1 WHERE est_heure_fictive",
    "fct_consommation_regionale_heures_fictives_hors_energie": "UPDATE fct_consommation_regionale "
    "SET energie_gaz_mwh = 1 WHERE est_heure_fictive AND code_region = '11'",
    "fct_consommation_regionale_region_connue": "UPDATE fct_consommation_regionale SET code_region = '00' "
    "WHERE date_locale = DATE '2020-03-31' AND code_region = '93'",
    "fct_temperature_regionale_cle_unique": "INSERT INTO fct_temperature_regionale "
    "SELECT * FROM fct_temperature_regionale WHERE date = DATE '2020-02-01' AND code_region = '11'",
    "fct_temperature_regionale_region_connue": "UPDATE fct_temperature_regionale SET code_region = '00' "
    "WHERE date = DATE '2020-02-02' AND code_region = '11'",
    "fct_stock_gaz_cle_unique": "INSERT INTO fct_stock_gaz SELECT * FROM fct_stock_gaz "
    "WHERE date = DATE '2021-11-03' AND pits = 'Centre'",
    "mart_stock_gaz_national_somme_des_six_pits_seulement": "UPDATE mart_stock_gaz_national SET nombre_pits = 5 "
    "WHERE date = DATE '2021-11-03'",
    "fct_echanges_commerciaux_cle_unique": "INSERT INTO fct_echanges_commerciaux "
    "SELECT * FROM fct_echanges_commerciaux "
    "WHERE date = DATE '2018-01-01' AND tranche_horaire = 3 AND frontiere = 'gb'",
    "fct_injection_regionale_cle_unique": "INSERT INTO fct_injection_regionale SELECT * FROM fct_injection_regionale",
    "fct_injection_regionale_region_connue": "INSERT INTO fct_injection_regionale "
    "SELECT * REPLACE ('00' AS code_region, DATE '2019-01-02' AS date) FROM fct_injection_regionale LIMIT 1",
    "fct_consommation_nationale_electricite_possible": "UPDATE fct_consommation_nationale "
    "SET consommation_electricite_mw = 120001 WHERE date_locale = DATE '2020-03-21' AND heure_locale = '10:00'",
    "fct_consommation_nationale_gaz_possible": "UPDATE fct_consommation_nationale "
    "SET consommation_gaz_mw = -1 WHERE date_locale = DATE '2020-03-21' AND heure_locale = '10:00'",
    "fct_consommation_regionale_electricite_possible": "UPDATE fct_consommation_regionale SET "
    "consommation_electricite_mw = 30001 WHERE date_locale = DATE '2020-03-21' AND heure_locale = '10:00'",
    "fct_consommation_regionale_gaz_possible": "UPDATE fct_consommation_regionale SET "
    "consommation_gaz_mw = 80001 WHERE date_locale = DATE '2020-03-21' AND heure_locale = '10:00'",
    "fct_temperature_regionale_possible": "UPDATE fct_temperature_regionale SET temperature_max_c = 61 "
    "WHERE date = DATE '2020-02-01' AND code_region = '24'",
    "fct_stock_gaz_sous_la_capacite": "UPDATE fct_stock_gaz SET stock_gwh = 60001 "
    "WHERE date = DATE '2021-11-02' AND pits = 'Centre'",
    "fct_echanges_commerciaux_possible": "UPDATE fct_echanges_commerciaux SET export_mw = 20001 "
    "WHERE date = DATE '2018-01-01' AND tranche_horaire = 4 AND frontiere = 'gb'",
    "fct_injection_regionale_energie_possible": "UPDATE fct_injection_regionale SET energie_mwh = 500001",
    "mart_completude_jour_cle_unique": "INSERT INTO mart_completude_jour SELECT * FROM mart_completude_jour LIMIT 1",
    "mart_completude_jour_jamais_plus_que_le_jour": "UPDATE mart_completude_jour "
    "SET demi_heures_electricite_manquantes = -1 WHERE date = DATE '2020-03-21' AND code_territoire = '11'",
    "mart_completude_jour_deux_heures_fictives_au_printemps": "UPDATE mart_completude_jour "
    "SET nombre_heures_fictives = 0 WHERE date = DATE '2020-03-29' AND code_territoire = '11'",
    "dim_date_deux_changements_d_heure_par_an": "UPDATE dim_date SET nombre_heures = 23 WHERE date = DATE '2006-01-01'",
    "meta_avertissements_cle_unique": "INSERT INTO meta_avertissements SELECT * FROM meta_avertissements LIMIT 1",
    "meta_ruptures_cle_unique": "INSERT INTO meta_ruptures SELECT * FROM meta_ruptures LIMIT 1",
    "meta_colonnes_cle_unique": "INSERT INTO meta_colonnes SELECT * FROM meta_colonnes LIMIT 1",
    "meta_relations_cle_unique": "INSERT INTO meta_relations SELECT * FROM meta_relations LIMIT 1",
}

# A few faulty rows are listed; too many to be a typing error block the publication.
TOO_MANY = {
    "fct_consommation_nationale_electricite_vraisemblable": "UPDATE fct_consommation_nationale "
    "SET consommation_electricite_mw = 1000, energie_electricite_mwh = 500 WHERE date_locale >= DATE '2020-03-30'",
    "fct_consommation_regionale_electricite_positive": "UPDATE fct_consommation_regionale SET "
    "consommation_electricite_mw = -1, energie_electricite_mwh = -0.5 WHERE date_locale >= DATE '2020-03-30'",
    "fct_temperature_regionale_min_moyenne_max": "UPDATE fct_temperature_regionale SET temperature_min_c = 99",
    "fct_temperature_regionale_vraisemblable": "UPDATE fct_temperature_regionale SET temperature_max_c = 288",
    "fct_stock_gaz_positif": "INSERT INTO fct_stock_gaz "
    "SELECT * EXCLUDE (n) REPLACE (date + n AS date, -1 AS stock_gwh) "
    "FROM fct_stock_gaz, (VALUES (1000), (2000)) AS r (n)",
    "fct_echanges_commerciaux_exports_positifs": "UPDATE fct_echanges_commerciaux SET export_mw = -1",
    "fct_echanges_commerciaux_imports_negatifs": "UPDATE fct_echanges_commerciaux SET import_mw = 1",
}


def _write(lake: TinyLake, rows: Rows) -> None:
    for dataset_id, chosen in rows.items():
        lake.write(dataset_id, chosen)


@pytest.fixture(scope="module")
def clean(module_lake: TinyLake) -> TinyLake:
    """Return a warehouse without fault."""
    _write(module_lake, clean_rows())
    module_lake.make(*SELECT)
    return module_lake


def test_rows_without_fault_pass_every_check(clean: TinyLake) -> None:
    assert clean.check(*SELECT, run=False) == {}


def test_faults_of_the_publishers_are_listed_and_do_not_block(tiny_lake: TinyLake) -> None:
    rows = clean_rows()
    _spoil_consumption(rows)
    _spoil_weather_and_gas(rows)
    _spoil_exchanges_and_injections(rows)
    _write(tiny_lake, rows)
    assert tiny_lake.check(*SELECT) == dict.fromkeys(LISTED, "warn")


def test_an_unknown_status_stops_nothing_and_keeps_its_row(tiny_lake: TinyLake) -> None:
    rows = clean_rows()
    for dataset_id in (NATIONAL, REGIONAL):
        rows[dataset_id][0].update(statut_rte="Provisoire", statut_grtgaz="Provisoire", statut_terega="Provisoire")
    _write(tiny_lake, rows)
    assert tiny_lake.check(*SELECT) == dict.fromkeys(UNKNOWN_STATUSES, "warn")
    rows_of_france = tiny_lake.query(
        "SELECT count(*), count(energie_electricite_mwh), count(statut_electricite), "
        "count(statut_gaz) FILTER (heure_locale LIKE '%:00') FROM fct_consommation_nationale "
        "WHERE date_locale = DATE '2020-03-20'"
    )
    assert rows_of_france == [(48, 48, 47, 23)]


def test_faults_in_the_tables_block(built_lake: TinyLake) -> None:
    built_lake.execute(*IN_TABLES.values())
    found = built_lake.check(*SELECT, run=False)
    assert {name for name, status in found.items() if status == "fail"} == set(IN_TABLES)


def test_a_fault_in_too_many_rows_blocks(built_lake: TinyLake) -> None:
    built_lake.execute(*TOO_MANY.values())
    found = built_lake.check(*SELECT, run=False)
    assert set(TOO_MANY) <= {name for name, status in found.items() if status == "fail"}


# What other files of tests answer for: all that is left is of this one.
OTHERS = (
    "meta_fautes",
    "meta_ecarts_sources",  # test_second_source.py
    "eco2mix",
    "filiere",
    "facteur_co2",
    "revisions",
    "fiabilite",
    "meteo",
    *ACROSS_WORDS,
    *CALENDAR_WORDS,
    *CHARGING_WORDS,
    *FORECAST_WORDS,
    *INDICATOR_WORDS,
    *MIX_WORDS,
    *SENSITIVITY_WORDS,
    *TERRITORY_WORDS,
    *TYPOLOGY_WORDS,
    *YEARLY_WORDS,
)


def test_every_check_of_our_own_has_its_fault(tiny_lake: TinyLake) -> None:
    names = tiny_lake.checks_of_our_own(("",), OTHERS)
    assert names - LISTED - UNKNOWN_STATUSES - set(IN_TABLES) == set()
