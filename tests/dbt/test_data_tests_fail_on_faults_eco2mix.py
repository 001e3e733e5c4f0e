"""Each data test of éCO2mix finds the fault that it watches for, and no other."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.dbt.eco2mix import (
    CONSOLIDATED,
    DEFINITIVE,
    NATIONAL,
    NATIONAL_TR,
    REGIONAL,
    REGIONAL_TR,
    RTE_SETS,
    SELECT,
    SETS,
    Row,
    find,
    national_day,
    regional_day,
)
from tests.dbt.lakes import TinyLake, days
from tests.dbt.mix import WORDS as MIX_WORDS

Rows = dict[str, list[Row]]

# Around the clock change of spring: two definitive days, two consolidated ones, three in real time.
DEFINITIVE_DAYS = days(date(2026, 3, 26), date(2026, 3, 27))
CONSOLIDATED_DAYS = days(date(2026, 3, 28), date(2026, 3, 29))
REAL_TIME_DAYS = days(date(2026, 3, 30), date(2026, 4, 1))
A_DEFINITIVE, A_CONSOLIDATED, A_REAL_TIME = DEFINITIVE_DAYS[0], CONSOLIDATED_DAYS[0], REAL_TIME_DAYS[0]


def clean_rows() -> Rows:
    """Return rows without any fault."""
    final = [*((day, DEFINITIVE) for day in DEFINITIVE_DAYS), *((day, CONSOLIDATED) for day in CONSOLIDATED_DAYS)]
    return {
        NATIONAL: [row for day, nature in final for row in national_day(day, nature)],
        NATIONAL_TR: [row for day in REAL_TIME_DAYS for row in national_day(day)],
        REGIONAL: [row for day, nature in final for row in regional_day(day, nature)],
        REGIONAL_TR: [row for day in REAL_TIME_DAYS for row in regional_day(day)],
    }


def _spoil(rows: Rows) -> None:
    """Put every fault of the publisher that is listed without blocking into the rows."""
    national, national_tr, regional, regional_tr = (
        rows[name] for name in (NATIONAL, NATIONAL_TR, REGIONAL, REGIONAL_TR)
    )

    # A partial quarter-hour, as on 2026-05-20; the balance and the sum of the regions go with it.
    find(national_tr, A_REAL_TIME, "13:15")["consommation"] = 24_309.0
    find(national_tr, A_REAL_TIME, "10:00")["pompage"] = 5.0
    find(national_tr, A_REAL_TIME, "11:00")["taux_co2"] = 34.0
    national_tr.remove(find(national_tr, A_REAL_TIME, "12:00"))
    national.append(dict(find(national, A_DEFINITIVE, "10:00")))
    find(national, A_CONSOLIDATED, "10:15")["consommation"] = 48_000.0

    find(regional_tr, A_REAL_TIME, "10:00", "24")["consommation"] = -4_000.0
    find(regional_tr, A_REAL_TIME, "10:00", "27")["pompage"] = 5.0
    find(regional_tr, A_REAL_TIME, "10:00", "28")["thermique"] = -101.0
    regional_tr.remove(find(regional_tr, A_REAL_TIME, "12:00", "84"))
    regional.append(dict(find(regional, A_DEFINITIVE, "10:00", "11")))
    quarter = dict(find(regional, A_CONSOLIDATED, "10:00", "11")) | {"heure": "10:15"}
    regional.append(quarter | {"date_heure": quarter["date_heure"] + timedelta(minutes=15)})
    for row in regional:
        if row["date"] == A_DEFINITIVE and row["code_insee_region"] == "11":
            row["consommation"] += 60  # 0.125 % of France
    for rows_of_all in (national, regional):
        for row in rows_of_all:
            if row["date"] == CONSOLIDATED_DAYS[1]:  # definitive after the first consolidated day
                row["nature"] = DEFINITIVE
    rows[REGIONAL_TR] = [
        row for row in regional_tr if (row["date"], row["code_insee_region"]) != (REAL_TIME_DAYS[1], "93")
    ]
    # The first midnight of April printed under the day before it, which then lacks its own.
    for name, region in ((NATIONAL_TR, None), (REGIONAL_TR, "11")):
        april, march = (find(rows[name], day, "00:00", region) for day in (REAL_TIME_DAYS[2], REAL_TIME_DAYS[1]))
        rows[name].remove(march)
        april["date"] = REAL_TIME_DAYS[1]


LISTED = {
    "int_eco2mix_national_reuni_etiquettes_en_double",
    "int_eco2mix_regional_reuni_etiquettes_en_double",
    "fct_eco2mix_national_consommation_vraisemblable_temps_reel",
    "fct_eco2mix_national_pompage_negatif",
    "fct_eco2mix_national_bilan",
    "fct_eco2mix_national_co2_recalcule",
    "fct_eco2mix_national_consolide_demi_horaire",
    "fct_eco2mix_national_jour_dans_son_mois",
    "fct_eco2mix_national_etiquettes_par_jour",
    "fct_eco2mix_national_definitif_avant_consolide",
    "fct_eco2mix_regional_consommation_positive",
    "fct_eco2mix_regional_pompage_negatif",
    "fct_eco2mix_regional_thermique_vraisemblable",
    "fct_eco2mix_regional_bilan",
    "fct_eco2mix_regional_consolide_demi_horaire",
    "fct_eco2mix_regional_jour_dans_son_mois",
    "fct_eco2mix_regional_etiquettes_par_jour",
    "fct_eco2mix_regional_definitif_avant_consolide",
    "fct_eco2mix_regional_douze_regions_par_jour",
    "eco2mix_somme_des_regions_proche_de_la_france",
}

# A nature that nobody knows, in each of ODRÉ's four sets; of RTE's, meta_fautes_du_publieur tells (test_fautes.py).
UNKNOWN_STATUSES = {f"stg_odre__{dataset_id.replace('-', '_')}_statut_connu" for dataset_id in SETS}

_NATIONAL_AT_TEN = "date_locale = DATE '2026-03-30' AND heure_locale = '10:00'"
_REGIONAL_AT_TEN = f"{_NATIONAL_AT_TEN} AND code_region = '11'"

_REVISION = (
    "SELECT '2026-03' AS mois, 'eco2mix-national-tr' AS jeu_de_donnees, 'FR' AS code_territoire, "
    "'consommation' AS mesure, 1.0 AS valeur_avant, 'a' AS version_avant, 'b' AS version_apres, now() AS connue_a"
)
_RELIABILITY = (
    "SELECT 'FR' AS code_territoire, 'consommation' AS mesure, 'consolidée' AS reference, "
    "1.0 AS erreur_absolue_moyenne_mw, 1.0 AS erreur_absolue_max_mw"
)

# What the models make right by construction, or what must block at once, is spoiled in the table itself.
IN_TABLES = {
    "fct_eco2mix_national_cle_unique": "INSERT INTO fct_eco2mix_national "
    f"SELECT * FROM fct_eco2mix_national WHERE {_NATIONAL_AT_TEN}",
    "fct_eco2mix_regional_cle_unique": "INSERT INTO fct_eco2mix_regional "
    f"SELECT * FROM fct_eco2mix_regional WHERE {_REGIONAL_AT_TEN}",
    "fct_eco2mix_national_consommation_vraisemblable": "UPDATE fct_eco2mix_national SET consommation_mw = 105001 "
    "WHERE date_locale = DATE '2026-03-26' AND heure_locale = '10:00'",
    "fct_eco2mix_national_bilan_du_mois": "UPDATE fct_eco2mix_national "
    "SET ech_physiques_mw = -ech_physiques_mw WHERE mois = '2026-04'",
    "fct_eco2mix_regional_bilan_du_mois": "UPDATE fct_eco2mix_regional "
    "SET ech_physiques_mw = -ech_physiques_mw WHERE mois = '2026-04' AND code_region = '11'",
    "fct_eco2mix_national_prevision_jamais_a_zero": "UPDATE fct_eco2mix_national SET prevision_j_mw = 0 "
    f"WHERE {_NATIONAL_AT_TEN}",
    "fct_eco2mix_national_heures_fictives_hors_energie": "UPDATE fct_eco2mix_national "
    "SET energie_ech_physiques_mwh = 1 WHERE est_heure_fictive",
    "fct_eco2mix_regional_heures_fictives_hors_energie": "UPDATE fct_eco2mix_regional "
    "SET energie_ech_physiques_mwh = 1 WHERE est_heure_fictive",
    "fct_eco2mix_national_energie_egale_puissance_fois_pas": "UPDATE fct_eco2mix_national "
    "SET energie_consommation_mwh = consommation_mw WHERE date_locale = DATE '2026-03-31'",
    "fct_eco2mix_regional_energie_egale_puissance_fois_pas": "UPDATE fct_eco2mix_regional "
    "SET energie_consommation_mwh = consommation_mw WHERE date_locale = DATE '2026-03-31'",
    "fct_eco2mix_regional_region_connue": "UPDATE fct_eco2mix_regional SET code_region = '00' "
    "WHERE date_locale = DATE '2026-03-31' AND code_region = '93'",
    "fct_eco2mix_regional_sans_corse": "UPDATE fct_eco2mix_regional SET code_region = '94' "
    "WHERE date_locale = DATE '2026-03-31' AND code_region = '84'",
    "fct_production_filiere_cle_unique": "INSERT INTO fct_production_filiere SELECT * FROM fct_production_filiere "
    f"WHERE territoire = 'FR' AND filiere = 'gaz' AND {_NATIONAL_AT_TEN}",
    "fct_production_filiere_heures_fictives_hors_energie": "UPDATE fct_production_filiere SET energie_mwh = 1 "
    "WHERE est_heure_fictive",
    "fct_production_filiere_region_connue": "UPDATE fct_production_filiere SET code_region = '00' "
    "WHERE territoire = '93'",
    "fct_production_filiere_filiere_connue": "UPDATE fct_production_filiere SET filiere = 'marées' "
    "WHERE territoire = '75' AND filiere = 'solaire'",
    "fct_production_filiere_somme_des_faits_larges": "DELETE FROM fct_production_filiere "
    "WHERE territoire = '52' AND filiere = 'eolien'",
    "fct_revisions_cle_unique": f"INSERT INTO fct_revisions BY NAME {_REVISION} FROM range(2)",
    "fct_revisions_valeurs_differentes": f"INSERT INTO fct_revisions BY NAME {_REVISION}, 1.0 AS valeur_apres",
    "mart_fiabilite_temps_reel_cle_unique": "INSERT INTO mart_fiabilite_temps_reel BY NAME "
    f"{_RELIABILITY}, 1 AS horizon_h FROM range(2)",
    "mart_fiabilite_temps_reel_erreurs_coherentes": "INSERT INTO mart_fiabilite_temps_reel BY NAME "
    f"{_RELIABILITY}, 3 AS horizon_h, 1 AS nombre_valeurs, 2 AS nombre_revisees",
    "dim_facteur_co2_statut_connu": "UPDATE dim_facteur_co2 SET statut = 'provisoire' WHERE regime = 'definitif_2012'",
    "dim_facteur_co2_periodes_disjointes": "UPDATE dim_facteur_co2 SET fin = NULL WHERE regime = 'temps_reel_2012'",
    "fct_eco2mix_national_consommation_possible": "UPDATE fct_eco2mix_national SET consommation_mw = 9999 "
    "WHERE date_locale = DATE '2026-03-30' AND heure_locale = '11:00'",
    "fct_eco2mix_national_co2_possible": "UPDATE fct_eco2mix_national SET taux_co2_g_par_kwh = 1001 "
    f"WHERE {_NATIONAL_AT_TEN}",
    "fct_eco2mix_regional_consommation_possible": "UPDATE fct_eco2mix_regional SET consommation_mw = 30001 "
    f"WHERE {_REGIONAL_AT_TEN}",
    "fct_production_filiere_puissance_possible": "UPDATE fct_production_filiere SET production_mw = 70001 "
    f"WHERE territoire = 'FR' AND filiere = 'nucleaire' AND {_NATIONAL_AT_TEN}",
}

# Found in the tables, and listed only: a word that nobody knows, two data sets that disagree.
LISTED_IN_TABLES = {
    "fct_eco2mix_national_statut_connu": "UPDATE fct_eco2mix_national SET statut = 'meilleur statut' "
    "WHERE date_locale = DATE '2026-03-31'",
    "fct_eco2mix_regional_statut_connu": "UPDATE fct_eco2mix_regional SET statut = 'meilleur statut' "
    "WHERE date_locale = DATE '2026-03-31'",
    "eco2mix_somme_des_regions_egale_la_france": "UPDATE intermediate.int_eco2mix_comparer_regions_et_france "
    "SET ecart_relatif = 0.006 WHERE date = DATE '2026-03-27'",
}

# A few faulty rows are listed; more than a day of them blocks the publication.
TOO_MANY = {
    "fct_eco2mix_national_consommation_vraisemblable_temps_reel": "UPDATE fct_eco2mix_national "
    "SET consommation_mw = 1000 WHERE date_locale >= DATE '2026-03-31'",
    "fct_eco2mix_national_pompage_negatif": "UPDATE fct_eco2mix_national SET pompage_mw = 1",
    "fct_eco2mix_regional_consommation_positive": "UPDATE fct_eco2mix_regional SET consommation_mw = 0",
    "fct_eco2mix_regional_pompage_negatif": "UPDATE fct_eco2mix_regional SET pompage_mw = 1",
    "fct_eco2mix_regional_thermique_vraisemblable": "UPDATE fct_eco2mix_regional SET thermique_mw = -101",
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


def test_faults_of_the_publisher_are_listed_and_do_not_block(tiny_lake: TinyLake) -> None:
    rows = clean_rows()
    _spoil(rows)
    _write(tiny_lake, rows)
    assert tiny_lake.check(*SELECT) == dict.fromkeys(LISTED, "warn")


def test_a_few_misprinted_quarters_do_not_block_the_month_that_they_begin(built_lake: TinyLake) -> None:
    built_lake.execute(
        "DELETE FROM fct_eco2mix_national WHERE mois = '2026-04' AND heure_locale > '01:00'",
        "UPDATE fct_eco2mix_national SET ech_physiques_mw = -ech_physiques_mw WHERE mois = '2026-04'",
    )
    found = built_lake.check("fct_eco2mix_national", run=False)
    assert found["fct_eco2mix_national_bilan"] == "warn"
    assert "fct_eco2mix_national_bilan_du_mois" not in found


def test_an_unknown_status_stops_nothing_and_comes_last(tiny_lake: TinyLake) -> None:
    rows = clean_rows()
    for chosen in rows.values():
        chosen[0]["nature"] = "Données provisoires"
    _write(tiny_lake, rows)
    for at_rte, at_odre in zip(RTE_SETS, SETS, strict=True):
        tiny_lake.write(at_rte, rows[at_odre][:1])
    found = tiny_lake.check(*SELECT)
    assert set(found.values()) == {"warn"}
    assert set(found) >= UNKNOWN_STATUSES
    # Its reading is there, without a status.
    first = rows[NATIONAL_TR][0]
    read = tiny_lake.query(
        f"SELECT statut, consommation_mw FROM fct_eco2mix_national WHERE date_locale = DATE '{first['date']}' "
        f"AND heure_locale = '{first['heure']}'"
    )
    assert read == [(None, first["consommation"])]


def test_faults_in_the_tables_block(built_lake: TinyLake) -> None:
    built_lake.execute(*IN_TABLES.values(), *LISTED_IN_TABLES.values())
    found = built_lake.check(*SELECT, run=False)
    assert {name for name, status in found.items() if status == "fail"} == set(IN_TABLES)
    assert {name: found[name] for name in LISTED_IN_TABLES} == dict.fromkeys(LISTED_IN_TABLES, "warn")


def test_a_fault_in_more_than_a_day_of_rows_blocks(built_lake: TinyLake) -> None:
    built_lake.execute(*TOO_MANY.values())
    found = built_lake.check(*SELECT, run=False)
    assert set(TOO_MANY) <= {name for name, status in found.items() if status == "fail"}


def test_every_check_of_our_own_has_its_fault(tiny_lake: TinyLake) -> None:
    names = tiny_lake.checks_of_our_own(
        ("eco2mix", "filiere", "facteur_co2", "/fct_revisions", "fiabilite"),
        MIX_WORDS,
        built_in=("not_null", "never_null", "unique"),
    )
    assert names - LISTED - UNKNOWN_STATUSES - set(IN_TABLES) - set(LISTED_IN_TABLES) == set()
