"""Each data test of the yearly tables finds its own fault, and no other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dbt.lakes import TinyLake
from tests.dbt.yearly import (
    BY_COMMUNE,
    BY_DEPARTEMENT,
    BY_REGION,
    HALF_HOURLY,
    OLD_LONG,
    OLD_WIDE,
    PRODUCTION,
    REGIONAL_YEAR,
    RENEWABLE,
    SELECT,
    WORDS,
    commune,
    new_row,
    old_long_rows,
    old_wide_row,
    production_year,
    regional_year,
    renewable_year,
)

Rows = dict[str, list[dict[str, Any]]]


def clean_rows() -> Rows:
    """Return rows without any fault; the years lie before those that RTE's published totals speak of."""
    years = (2013, 2014)
    return {
        REGIONAL_YEAR: [row for year in years for row in regional_year(year)],
        PRODUCTION: [row for year in years for row in production_year(year)],
        RENEWABLE: [row for year in years for row in renewable_year(year)],
        BY_COMMUNE: [
            new_row(2017, commune("69381")),
            new_row(2017, commune("69382")),
            new_row(2017, commune("69034"), None, secret=2),
            new_row(2017, commune("97101", epci="249710062", departement="971", region="01")),
            new_row(2018, commune("69123")),
        ],
        BY_DEPARTEMENT: [new_row(2020, {"code_departement": code, "code_region": "84"}) for code in ("01", "69")],
        BY_REGION: [new_row(2020, {"code_region": "84"})],
        OLD_WIDE: [
            *(old_wide_row(2017, code, "84") for code in ("01", "69")),
            old_wide_row(2017, "971", "01", 50.0),
        ],
        OLD_LONG: [*old_long_rows(2017, "84", 200.0), *old_long_rows(2017, "01", 50.0)],
    }


def _one(rows: list[dict[str, Any]], **wanted: Any) -> dict[str, Any]:
    (row,) = [row for row in rows if wanted.items() <= row.items()]
    return row


def _spoil(rows: Rows) -> None:
    regional = rows[REGIONAL_YEAR]
    _one(regional, annee=2014, code_insee_region="11")["consommation_brute_totale"] += 2
    row = _one(regional, annee=2014, code_insee_region="24")
    row["consommation_brute_gaz_totale"] += 100
    row["consommation_brute_totale"] += 100
    _one(regional, annee=2014, code_insee_region="94")["consommation_brute_electricite_rte"] = 10_000.0
    regional.remove(_one(regional, annee=2013, code_insee_region="93"))
    # Two published totals of RTE's, and what thirteen regions come to.
    regional.extend(regional_year(2018, gwh=40_000))
    row = _one(rows[PRODUCTION], annee=2013, code_insee_region="11")
    row["production_solaire"] = -1
    row["production_hydraulique"] = 1000
    rows[RENEWABLE].append({"production_electrique_renouvelable": 0.0})
    _one(rows[RENEWABLE], annee=2014, code_insee_region="11")["production_electrique_renouvelable"] += 1
    # More in the communes than in the département.
    rows[BY_COMMUNE].append(new_row(2017, commune("69266"), 10_000.0))
    rows[OLD_WIDE].append(old_wide_row(2017, "NA", None, 7.0))
    _one(rows[OLD_LONG], code_region="01", code_grand_secteur="T")["conso"] = 60.0


LISTED = {
    "stg_odre__consommation_annuelle_brute_regionale_total_egal_gaz_plus_electricite",
    "stg_odre__prod_region_annuelle_enr_total_egal_somme_des_filieres",
    "stg_odre__prod_region_annuelle_enr_annee_publiee",
    "consommation_annuelle_energie_sans_territoire",
    "fct_consommation_annuelle_regionale_gaz_somme_des_reseaux",
    "fct_consommation_annuelle_regionale_saut_d_une_annee",
    "fct_consommation_annuelle_regionale_annees_sans_les_treize_regions",
    "fct_consommation_annuelle_communes_au_plus_le_departement",
    "fct_production_annuelle_energie_positive",
    "fct_production_annuelle_renouvelable_dans_le_total",
    "mart_ecarts_publies_hors_tolerance",
    "mart_ecarts_ore_inexpliques",
}

# A status that nobody knows is null.
UNKNOWN_STATUSES = {
    f"stg_odre__consommation_annuelle_brute_regionale_statut_{name}_connu"
    for name in ("electricite", "gaz_natran", "gaz_terega")
}

# Another word that nobody knows: what it says would be lost.
UNKNOWN_WORDS = {
    *(
        f"stg_ore__{name}_{what}"
        for name in ("consommation_par_commune", "consommation_par_departement", "consommation_par_region")
        for what in ("secteur_connu", "filiere_connue")
    ),
    *(f"stg_ore__conso_par_naf_region_{what}" for what in ("secteur_connu", "filiere_connue")),
    "stg_ore__conso_par_secteur_departement_filiere_connue",
}

# What the models make right by construction can only be wrong in the table itself.
_WHERE_LYON = "maille = 'commune' AND code_territoire = '69123' AND annee = 2017"
IN_TABLES = {
    "fct_consommation_annuelle_cle_unique": "INSERT INTO fct_consommation_annuelle "
    f"SELECT * FROM fct_consommation_annuelle WHERE {_WHERE_LYON}",
    "fct_consommation_annuelle_secret_jamais_zero": "UPDATE fct_consommation_annuelle SET energie_mwh = 0 "
    "WHERE maille = 'commune' AND est_secret",
    "fct_consommation_annuelle_secret_conforme_aux_mailles": "UPDATE fct_consommation_annuelle SET est_secret = true "
    "WHERE maille = 'region' AND code_territoire = '84' AND annee = 2020",
    "fct_consommation_annuelle_code_conforme_a_la_maille": "INSERT INTO fct_consommation_annuelle "
    f"SELECT * REPLACE ('1004' AS code_territoire) FROM fct_consommation_annuelle WHERE {_WHERE_LYON} LIMIT 1",
    "fct_consommation_annuelle_arrondissements_replies": "INSERT INTO fct_consommation_annuelle "
    f"SELECT * REPLACE ('69389' AS code_territoire) FROM fct_consommation_annuelle WHERE {_WHERE_LYON} LIMIT 1",
    "fct_consommation_annuelle_region_connue": "INSERT INTO fct_consommation_annuelle "
    "SELECT * REPLACE ('00' AS code_territoire) FROM fct_consommation_annuelle WHERE maille = 'region' LIMIT 1",
    "fct_consommation_annuelle_departement_connu": "INSERT INTO fct_consommation_annuelle "
    "SELECT * REPLACE ('20' AS code_territoire) FROM fct_consommation_annuelle WHERE maille = 'departement' LIMIT 1",
    "fct_consommation_annuelle_secteur_connu": "INSERT INTO fct_consommation_annuelle "
    f"SELECT * REPLACE ('mines' AS code_secteur) FROM fct_consommation_annuelle WHERE {_WHERE_LYON} LIMIT 1",
    "fct_consommation_annuelle_regionale_cle_unique": "INSERT INTO fct_consommation_annuelle_regionale "
    "SELECT * FROM fct_consommation_annuelle_regionale WHERE code_region = '11'",
    "fct_consommation_annuelle_regionale_region_connue": "UPDATE fct_consommation_annuelle_regionale "
    "SET code_region = '00' WHERE code_region = '24'",
    "fct_consommation_annuelle_regionale_possible": "UPDATE fct_consommation_annuelle_regionale "
    "SET consommation_electricite_gwh = 200001 WHERE code_region = '11'",
    "fct_production_annuelle_cle_unique": "INSERT INTO fct_production_annuelle "
    "SELECT * FROM fct_production_annuelle WHERE code_region = '11' AND filiere = 'solaire'",
    "fct_production_annuelle_region_connue": "UPDATE fct_production_annuelle SET code_region = '00' "
    "WHERE code_region = '24'",
    "fct_production_annuelle_filiere_connue": "UPDATE fct_production_annuelle SET filiere = 'marées' "
    "WHERE code_region = '27' AND filiere = 'solaire'",
    "mart_rapprochement_annuel_cle_unique": "INSERT INTO mart_rapprochement_annuel "
    "SELECT * FROM mart_rapprochement_annuel WHERE territoire = '11'",
    "mart_rapprochement_annuel_region_connue": "UPDATE mart_rapprochement_annuel SET code_region = '00' "
    "WHERE territoire = '24'",
    "mart_ecarts_publies_cle_unique": "INSERT INTO mart_ecarts_publies SELECT * FROM mart_ecarts_publies LIMIT 1",
    "mart_ecarts_ore_cle_unique": "INSERT INTO mart_ecarts_ore SELECT * FROM mart_ecarts_ore LIMIT 1",
    "mart_ecarts_ore_region_connue": "UPDATE mart_ecarts_ore SET code_region = '00' WHERE code_region = '01'",
    "secteurs_secteur_connu": "UPDATE intermediate.secteurs SET code_secteur = 'mines' WHERE secteur_publie = 'X'",
    # The suffixes of the wide form are written in its model: only the list can lack one.
    "stg_ore__conso_par_secteur_departement_secteur_connu": "DELETE FROM intermediate.secteurs "
    "WHERE secteur_publie = 'na'",
    "totaux_publies_cle_unique": "INSERT INTO intermediate.totaux_publies "
    "SELECT * FROM intermediate.totaux_publies LIMIT 1",
}

# A year of half-hours is too long for a test: the finding itself is put into the table.
LISTED_IN_TABLES = {
    "mart_rapprochement_annuel_hors_tolerance": "UPDATE mart_rapprochement_annuel SET est_hors_tolerance = true "
    "WHERE territoire = 'FR'",
    "fct_consommation_annuelle_energie_positive": "UPDATE fct_consommation_annuelle SET energie_mwh = -1 "
    f"WHERE {_WHERE_LYON}",
}

# A few faulty rows are listed; too many to be a typing error block the publication.
TOO_MANY = {
    "fct_consommation_annuelle_energie_positive": "INSERT INTO fct_consommation_annuelle "
    "SELECT * EXCLUDE (n) REPLACE (annee + n AS annee, -1 AS energie_mwh) "
    f"FROM fct_consommation_annuelle, range(1, 102) AS r (n) WHERE {_WHERE_LYON}",
    "fct_production_annuelle_energie_positive": "UPDATE fct_production_annuelle SET energie_mwh = -1",
}


def _make(lake: TinyLake, rows: Rows) -> None:
    for dataset_id, chosen in rows.items():
        lake.write(dataset_id, chosen)
    lake.make(*SELECT, *HALF_HOURLY)


@pytest.fixture(scope="module")
def clean(module_lake: TinyLake) -> TinyLake:
    """Return a warehouse without fault."""
    _make(module_lake, clean_rows())
    return module_lake


def test_rows_without_fault_pass_every_check(clean: TinyLake) -> None:
    assert clean.check(*SELECT, run=False) == {}


def test_faults_of_the_publishers_are_listed_and_do_not_block(tiny_lake: TinyLake) -> None:
    rows = clean_rows()
    _spoil(rows)
    _make(tiny_lake, rows)
    assert tiny_lake.check(*SELECT, run=False) == dict.fromkeys(LISTED, "warn")


def test_unknown_words_block_but_for_a_status(tiny_lake: TinyLake) -> None:
    rows = clean_rows()
    first = rows[REGIONAL_YEAR][0]
    first.update(statut_rte="Provisoire", statut_grtgaz="Provisoire", statut_terega="Provisoire")
    for dataset_id in (BY_COMMUNE, BY_DEPARTEMENT, BY_REGION, OLD_LONG):
        rows[dataset_id].append({**rows[dataset_id][0], "annee": 2010, "code_grand_secteur": "MINES"})
    # A year of its own for each: two forms of one year would be compared.
    for year, dataset_id in enumerate((BY_COMMUNE, BY_DEPARTEMENT, BY_REGION, OLD_LONG, OLD_WIDE), start=2001):
        rows[dataset_id].append({**rows[dataset_id][0], "annee": year, "filiere": "Chaleur"})
    _make(tiny_lake, rows)
    found = tiny_lake.check(*SELECT, run=False)
    # A sector that is not understood leaves a null behind.
    blocking = {*UNKNOWN_WORDS, "fct_consommation_annuelle_jamais_nul"}
    assert found == {**dict.fromkeys(blocking, "fail"), **dict.fromkeys(UNKNOWN_STATUSES, "warn")}
    assert tiny_lake.query(
        "SELECT statut_electricite, statut_gaz FROM fct_consommation_annuelle_regionale "
        f"WHERE annee = {first['annee']} AND code_region = '{first['code_insee_region']}'"
    ) == [(None, None)]


def test_faults_in_the_tables_block(built_lake: TinyLake) -> None:
    built_lake.execute(*IN_TABLES.values())
    found = built_lake.check(*SELECT, run=False)
    assert {name for name, status in found.items() if status == "fail"} == set(IN_TABLES)


def test_findings_in_the_tables_are_listed(built_lake: TinyLake) -> None:
    built_lake.execute(*LISTED_IN_TABLES.values())
    assert built_lake.check(*SELECT, run=False) == dict.fromkeys(LISTED_IN_TABLES, "warn")


def test_a_fault_in_too_many_rows_blocks(built_lake: TinyLake) -> None:
    built_lake.execute(*TOO_MANY.values())
    found = built_lake.check(*SELECT, run=False)
    assert set(TOO_MANY) <= {name for name, status in found.items() if status == "fail"}


def test_every_check_of_the_years_has_its_fault(tiny_lake: TinyLake) -> None:
    names = tiny_lake.checks_of_our_own(WORDS)
    assert names - LISTED - UNKNOWN_WORDS - UNKNOWN_STATUSES - set(IN_TABLES) - set(LISTED_IN_TABLES) == set()
