"""Typology in the warehouse: towns get their types, EPCI too few are refused, and each check finds its own fault."""

from __future__ import annotations

import duckdb
import pytest

from tests.dbt.lakes import TinyLake
from tests.dbt.typologie import GIVEN, MODELS, WORDS

FAULTS = {
    "mart_typologie_territoires_cle_unique": "INSERT INTO mart_typologie_territoires "
    "SELECT * FROM mart_typologie_territoires WHERE code_territoire = '00001'",
    "mart_typologie_territoires_type_ou_motif": "UPDATE mart_typologie_territoires SET silhouette = 2 "
    "WHERE code_territoire = '00002'",
    "mart_typologie_groupes_cle_unique": "INSERT INTO mart_typologie_groupes "
    "SELECT * FROM mart_typologie_groupes WHERE groupe = 1 AND code_indicateur = 'population'",
    "mart_typologie_groupes_assez_nombreux": "UPDATE mart_typologie_groupes SET nombre_territoires = 4 "
    "WHERE groupe = 2",
    "mart_typologie_modele_cle_unique": "INSERT INTO mart_typologie_modele "
    "SELECT * FROM mart_typologie_modele WHERE maille = 'epci' AND code_indicateur = 'population'",
    "mart_typologie_modele_echelle_ou_motif": "UPDATE mart_typologie_modele SET ecart_type = 0 "
    "WHERE maille = 'commune' AND code_indicateur = 'population'",
    "mart_typologie_choix_cle_unique": "INSERT INTO mart_typologie_choix "
    "SELECT * FROM mart_typologie_choix WHERE maille = 'epci' AND nombre_groupes = 3",
    "mart_typologie_choix_retenu_a_bon_droit": "UPDATE mart_typologie_choix SET silhouette = 0.2 WHERE est_retenu",
    "mart_typologie_localisation_cle_unique": "INSERT INTO mart_typologie_localisation "
    "SELECT * FROM mart_typologie_localisation WHERE niveau = 'region' AND code_lieu = '11'",
    "mart_typologie_localisation_parts_possibles": "UPDATE mart_typologie_localisation SET specificite = 1 "
    "WHERE niveau = 'departement' AND code_lieu = '01'",
}


@pytest.fixture
def built(tiny_lake: TinyLake) -> TinyLake:
    """Return the typology of towns and of EPCI whose indicators are given."""
    tiny_lake.paths.warehouse.parent.mkdir(parents=True)
    with duckdb.connect(str(tiny_lake.paths.warehouse)) as warehouse:
        warehouse.execute(GIVEN)
    tiny_lake.make(*MODELS)
    return tiny_lake


def test_towns_have_their_types_epci_are_refused_and_every_fault_is_found(built: TinyLake) -> None:
    assert built.query(
        "SELECT groupe, libelle_groupe, motif, code_region, count(*), count(nom_territoire) "
        "FROM mart_typologie_territoires WHERE maille = 'commune' GROUP BY ALL ORDER BY ALL"
    ) == [
        (1, "surtout des appartements, petits logements, très peuplés", None, "11", 30, 30),
        (2, "surtout des maisons, grands logements, peu peuplés", None, "24", 29, 29),
        (None, None, "inconnu : part_appartements", "24", 1, 1),
    ]
    assert built.query(
        "SELECT DISTINCT groupe, motif FROM mart_typologie_territoires WHERE maille = 'epci' ORDER BY ALL"
    ) == [(None, "typologie refusée : moins de 3 indicateurs utilisables")]
    assert built.query(
        "SELECT maille, nombre_groupes, nombre_territoires, nombre_ecartes FROM mart_typologie_choix WHERE est_retenu"
    ) == [("commune", 2, 59, 1)]
    assert built.query(
        "SELECT niveau, code_lieu, groupe, part_pct, round(specificite, 3), est_dominant "
        "FROM mart_typologie_localisation WHERE niveau = 'region' ORDER BY ALL"
    ) == [("region", "11", 1, 100.0, round(59 / 30, 3), True), ("region", "24", 2, 100.0, round(59 / 29, 3), True)]
    (population,) = built.query(
        "SELECT exp(borne_basse), exp(borne_haute), annee FROM mart_typologie_modele "
        "WHERE maille = 'commune' AND code_indicateur = 'population'"
    )
    assert population == (pytest.approx(2500), pytest.approx(15000 + 7000 * 6), 2021)
    assert built.check(*MODELS, run=False) == {}
    built.execute(*FAULTS.values())
    assert built.check(*MODELS, run=False) == dict.fromkeys(FAULTS, "fail")


def test_every_check_of_the_typology_has_its_fault(tiny_lake: TinyLake) -> None:
    assert tiny_lake.checks_of_our_own(WORDS) == set(FAULTS)
