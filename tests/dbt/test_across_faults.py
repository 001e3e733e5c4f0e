"""Tables made from several families of data sets, and dwellings: each of their checks finds its own fault."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.lake.parquet import schema_of
from tests.dbt.lakes import ACROSS_WORDS, TinyLake
from tests.dbt.test_data_tests_fail_on_faults_consumption import clean_rows as consumption_rows
from tests.dbt.test_data_tests_fail_on_faults_eco2mix import clean_rows as eco2mix_rows

TABLES = (
    *("fct_logement", "mart_completude", "mart_quotidien_national", "mart_conso_quotidienne_region"),
    *("meta_quarantaine", "mart_mix_bilan_periode", "mart_periode"),
)

DWELLINGS = "recensement-logement"

_GAP = (
    "SELECT 'stock_gaz' AS jeu, 'FR' AS code_territoire, DATE '2021-11-02' AS premier_jour, "
    "6 AS nombre_valeurs_attendues, 4 AS nombre_valeurs_presentes"
)

BLOCKING = {
    "fct_logement_cle_unique": "INSERT INTO fct_logement SELECT * FROM fct_logement WHERE code_commune = '01001'",
    "fct_logement_nombre_positif": "UPDATE fct_logement SET nombre_logements = 0 WHERE code_commune = '01002'",
    "mart_quotidien_national_production_somme_des_filieres": "UPDATE mart_quotidien_national "
    "SET production_mwh = production_mwh + 1 WHERE date = DATE '2026-03-27'",
    "mart_quotidien_national_jamais_plus_que_le_jour": "UPDATE mart_quotidien_national "
    "SET heures_electricite_lues_h = 26 WHERE date = DATE '2026-03-27'",
    "mart_conso_quotidienne_region_cle_unique": "INSERT INTO mart_conso_quotidienne_region "
    "SELECT * FROM mart_conso_quotidienne_region WHERE code_region = '11'",
    "mart_conso_quotidienne_region_part_de_vacances": "UPDATE mart_conso_quotidienne_region "
    "SET part_vacances_scolaires = 1.5 WHERE code_region = '53'",
    "meta_quarantaine_cle_unique": "INSERT INTO meta_quarantaine BY NAME SELECT 'jeu' AS jeu_de_donnees, "
    "'2026-03' AS partition, 'règle' AS regle FROM range(2)",
    "mart_completude_cle_unique": f"INSERT INTO mart_completude BY NAME {_GAP}, "
    "'heure répétée non publiée' AS cause, 2 AS nombre_valeurs_manquantes FROM range(2)",
    "mart_completude_manquantes_egales_attendues_moins_presentes": f"INSERT INTO mart_completude BY NAME {_GAP}, "
    "'fin de mois non publiée' AS cause, 3 AS nombre_valeurs_manquantes",
}
_PERIOD = "WHERE mesure = 'production' AND code_territoire = '11' AND type_periode"
BLOCKING |= {
    "mart_periode_cle_unique": f"INSERT INTO mart_periode SELECT * FROM mart_periode {_PERIOD} = 'saison'",
    "mart_periode_jours_dans_la_periode": f"UPDATE mart_periode SET jours_presents = 367 {_PERIOD} = 'annee'",
    "mart_periode_attendus_du_calendrier": f"UPDATE mart_periode SET jours_attendus = 32 {_PERIOD} = 'mois'",
    "mart_periode_production_comme_le_mix": "UPDATE mart_mix_bilan_periode SET est_complete = true "
    "WHERE code_territoire = '24' AND type_periode = 'annee'",
}
LISTED = {
    "fct_logement_surface_des_residences_principales_seulement": "UPDATE fct_logement "
    "SET categorie_logement = 'logement vacant' WHERE code_commune = '01001'",
    "mart_quotidien_national_bilan_du_jour": "UPDATE mart_quotidien_national "
    "SET consommation_mwh = 1.02 * consommation_mwh WHERE date = DATE '2026-03-28'",
    "mart_completude_causes_du_publieur": f"INSERT INTO mart_completude BY NAME {_GAP}, "
    "'jour absent' AS cause, 2 AS nombre_valeurs_manquantes",
}


@pytest.fixture(scope="module")
def built(module_lake: TinyLake) -> TinyLake:
    """Return the tables of a few clean days and of two communes."""
    for rows in (consumption_rows(), eco2mix_rows()):
        for dataset_id, chosen in rows.items():
            module_lake.write(dataset_id, chosen)
    dwellings = [
        {"commune": code, "catl": "1", "typl": kind, "surf": "4", "ipondl": 12.5}
        for code in ("01001", "01002")
        for kind in ("1", "2")
    ]
    schema = schema_of(load_catalog()[DWELLINGS])
    module_lake.store(DWELLINGS, "2020", pa.Table.from_pylist(dwellings, schema=schema))
    module_lake.make(*(f"+{table}" for table in TABLES))
    return module_lake


def test_clean_days_pass_and_every_fault_is_found(built: TinyLake, tmp_path: Path) -> None:
    found = built.check(*TABLES, run=False)
    assert {name for name, status in found.items() if status == "fail"} == set()
    assert "mart_quotidien_national_bilan_du_jour" not in found
    spoilt = built.copy(tmp_path / "lake")
    spoilt.execute(*BLOCKING.values(), *LISTED.values())
    found = spoilt.check(*TABLES, run=False)
    assert {name for name, status in found.items() if status == "fail"} == set(BLOCKING)
    assert {name for name, status in found.items() if status == "warn"} == set(LISTED)


def test_the_days_hold_what_their_sources_do(built: TinyLake) -> None:
    # 48,000 MW all day make 1,152 GWh; twelve regions of 4,000 MW make the same.
    ((national, co2),) = built.query(
        "SELECT consommation_mwh, taux_co2_g_par_kwh FROM mart_quotidien_national WHERE date = DATE '2026-03-27'"
    )
    assert national == pytest.approx(1_152_000)
    assert co2 == pytest.approx(32)
    ((regional, regions),) = built.query(
        "SELECT sum(consommation_electricite_mwh), count(consommation_electricite_mwh) "
        "FROM mart_conso_quotidienne_region WHERE date = DATE '2020-03-20'"
    )
    assert (regional, regions) == (pytest.approx(1_152_000), 12)
    # Spring holidays of 2020 begin in April; the winter ones of zone C ended on 24 February.
    assert built.query(
        "SELECT DISTINCT part_vacances_scolaires FROM mart_conso_quotidienne_region WHERE date = DATE '2020-03-20'"
    ) == [(0.0,)]
    assert built.query("SELECT sum(nombre_logements) FROM fct_logement WHERE code_commune = '01001'") == [(25.0,)]


def test_every_check_of_our_own_has_its_fault(tiny_lake: TinyLake) -> None:
    names = tiny_lake.checks_of_our_own(ACROSS_WORDS)
    assert names - set(BLOCKING) - set(LISTED) == set()
