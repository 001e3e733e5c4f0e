"""Each data test of territories and populations finds its own fault, and no other."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

import pytest

from tests.dbt.lakes import TinyLake
from tests.dbt.territories import COMMUNES, EPCI, EVENTS, POPULATION, SELECT, WORDS, commune, event, part, populations
from tests.dbt.typologie import WORDS as TYPOLOGY_WORDS

Rows = dict[str, list[dict[str, Any]]]

# Enough for one orphan to stay below the share that blocks.
MANY = {f"01{number}": 100 + number for number in range(100, 400)}


def clean_rows() -> Rows:
    """Return rows without any fault: a merger in 2023, a split in 2024, Paris by arrondissement, both header styles."""
    rows: Rows = defaultdict(list)
    for edition in (2022, 2024):
        rows[COMMUNES] += [
            *(commune(edition, code, f"C{code}", region="84", departement="01") for code in ("01001", "01003", *MANY)),
            commune(edition, "75056", "Paris", region="11", departement="75"),
            part(edition, "ARM", "75101", "Paris 1er", "75056"),
            part(edition, "ARM", "75102", "Paris 2e", "75056"),
            commune(edition, "85084", "Essarts en Bocage", region="52", departement="85"),
            part(edition, "COMD", "85084", "Les Essarts", "85084"),
        ]
    rows[COMMUNES] += [
        commune(2022, "01002", "Réunie", region="84", departement="01"),
        part(2024, "COMD", "01002", "Réunie", "01001"),
        part(2022, "COMD", "85165", "L'Oie", "85084"),
        commune(2024, "85165", "L'Oie", region="52", departement="85"),
    ]
    rows[EVENTS] = [
        event(2024, "32", date(2023, 1, 1), "01001", "01001"),
        event(2024, "32", date(2023, 1, 1), "01002", "01001"),
        event(2024, "32", date(2023, 1, 1), "01002", "01002", after_type="COMD"),
        event(2024, "21", date(2024, 1, 1), "85084", "85084"),
        event(2024, "21", date(2024, 1, 1), "85084", "85165"),
        event(2024, "20", date(1947, 9, 17), None, "01003"),
        event(2024, "30", date(2007, 7, 15), "97123", None),
    ]
    rows[EPCI] = [
        {"edition": 2024, "codgeo": "01001", "epci": "200000001", "libepci": "CC A"},
        {"edition": 2024, "codgeo": "01003", "epci": "ZZZZZZZZZ", "libepci": "Sans objet"},
    ]
    paris = {("11", "75"): {"75101": 700, "75102": 800}}
    before = {("84", "01"): {"01001": 10, "01002": 20, "01003": 30} | MANY} | paris | {("52", "85"): {"85084": 90}}
    after = {("84", "01"): {"01001": 31, "01003": 30} | MANY} | paris | {("52", "85"): {"85084": 70, "85165": 21}}
    for edition, people, is_old in ((2019, before, True), (2023, after, False)):
        for dataset_id, row in populations(edition, people, is_old=is_old):
            rows[dataset_id].append(row)
    return rows


def _one(rows: list[dict[str, Any]], **wanted: Any) -> dict[str, Any]:
    (row,) = [row for row in rows if all(row.get(name) == value for name, value in wanted.items())]
    return row


def _write(lake: TinyLake, rows: Rows) -> None:
    for dataset_id, chosen in rows.items():
        lake.write(dataset_id, chosen)


LISTED = {
    "stg_insee__populations_legales_communes_total_egal_a_la_somme",
    "territoires_nombre_de_communes_egal_au_departement",
    "dim_commune_ancienne_sans_successeur",
    "mart_codes_orphelins_listes",
    "int_population_communes_sans_repetition",
}

BLOCKING = {
    "int_population_communes_cle_unique",
    "stg_insee__populations_legales_communes_code_bien_forme",
    "stg_insee__populations_legales_communes_code_publie_egal_au_code_compose",
    "stg_insee__populations_legales_departements_cle_unique",
    "stg_insee__populations_legales_regions_cle_unique",
    "stg_insee__code_officiel_geographique_communes_cle_unique",
    "stg_insee__code_officiel_geographique_communes_code_bien_forme",
    "stg_insee__code_officiel_geographique_communes_parent_selon_le_type",
    "territoires_codes_orphelins_rares",
    "territoires_region_de_la_commune_egale_celle_du_departement",
    "dim_commune_departement_connu",
    "dim_commune_region_connue",
    "fct_population_departement_connu",
    "fct_population_region_connue",
    # A département or a région that is published twice is there twice.
    "fct_population_cle_unique",
}

# Two files that disagree are a finding, never a reason to publish nothing.
OF_TWO_FILES = {
    "territoires_somme_des_communes_egale_le_departement",
    "territoires_somme_des_departements_egale_la_region",
}

# What the models make right by construction can only be wrong in the table itself.
IN_TABLES = {
    "fct_population_cle_unique": "INSERT INTO fct_population SELECT * FROM fct_population WHERE maille = 'nation'",
    "fct_population_positive": "UPDATE fct_population SET population_comptee_a_part_hab = -1 "
    "WHERE maille = 'region' AND code_territoire = '84'",
    "territoires_rien_ne_se_perd_en_suivant_les_communes": "DELETE FROM fct_population "
    "WHERE maille = 'commune' AND code_territoire = '01003' AND annee = 2023",
    "dim_commune_active_repliee_sur_elle_meme": "UPDATE dim_commune SET code_successeur = '01001' "
    "WHERE code_commune = '01003'",
    "dim_commune_repliee_active": "UPDATE dim_commune SET code_commune_repliee = '75102' WHERE code_commune = '75101'",
    "dim_commune_epci_connu": "UPDATE dim_commune SET code_epci = '299999999' WHERE code_commune = '01003'",
    "mart_composition_epci_cle": "INSERT INTO mart_composition_epci SELECT * FROM mart_composition_epci "
    "WHERE code_commune = '01001'",
    "mart_composition_epci_connu": "UPDATE mart_composition_epci SET code_epci = '299999999' "
    "WHERE code_commune = '01003'",
    "dim_departement_region_connue": "UPDATE dim_departement SET code_region = '00' WHERE code_departement = '2A'",
    "mart_codes_orphelins_cle_unique": "INSERT INTO mart_codes_orphelins SELECT 'fct_x', '01999', 2019, 1, 1000 "
    "FROM range(2)",
    "int_commune_successeurs_cle_unique": "CREATE OR REPLACE VIEW intermediate.int_commune_successeurs AS "
    "SELECT '01001' AS code_commune, 0 AS premier_millesime FROM range(2)",
}


@pytest.fixture(scope="module")
def clean(module_lake: TinyLake) -> TinyLake:
    """Return a warehouse without fault."""
    _write(module_lake, clean_rows())
    module_lake.make(*SELECT)
    return module_lake


def test_rows_without_fault_pass_every_check(clean: TinyLake) -> None:
    assert clean.check(*SELECT, run=False) == {}
    rows = clean.query(
        "SELECT code_territoire, annee, population_municipale_hab, nombre_codes_reunis, est_scindee "
        "FROM fct_population WHERE maille = 'commune' AND code_territoire NOT BETWEEN '01100' AND '01399' ORDER BY 1, 2"
    )
    assert rows == [
        ("01001", 2019, 30, 2, False),
        ("01001", 2023, 31, 1, False),
        ("01003", 2019, 30, 1, False),
        ("01003", 2023, 30, 1, False),
        ("75056", 2019, 1500, 2, False),
        ("75056", 2023, 1500, 2, False),
        ("85084", 2019, 90, 1, True),
        ("85084", 2023, 70, 1, False),
        ("85165", 2023, 21, 1, False),
    ]


def test_faults_of_the_publisher_are_listed_and_do_not_block(tiny_lake: TinyLake) -> None:
    rows = clean_rows()
    # The total of a commune, and with it those of its département and région.
    for level, wanted in (("communes", {"com": "01003"}), ("departements", {"dep": "01"}), ("regions", {"reg": "84"})):
        _one(rows[POPULATION[level]], edition=2023, **wanted)["ptot"] += 1
    _one(rows[POPULATION["departements"]], edition=2023, dep="85")["nbcom"] += 1
    rows[EVENTS] += [
        event(2024, "30", date(2014, 1, 1), "01004", "01001"),
        event(2024, "30", date(2014, 1, 1), "01004", "01003"),
    ]
    # A commune that no edition and no event knows.
    row = _one(rows[POPULATION["communes"]], edition=2023, com="01399")
    row.update(codcom="999", com="01999")
    # A commune that is there twice.
    people = rows[POPULATION["communes"]]
    people.append(dict(_one(people, edition=2023, com="01397")))
    _write(tiny_lake, rows)
    assert tiny_lake.check(*SELECT) == dict.fromkeys(LISTED, "warn")


def test_faults_that_would_make_wrong_numbers_block(tiny_lake: TinyLake) -> None:
    rows = clean_rows()
    people = rows[POPULATION["communes"]]
    people.append(dict(_one(people, edition=2023, com="01003")) | {"pmun": 29, "ptot": 32})
    _one(people, edition=2023, com="01100").update(codcom="10", com="0110")
    for number in range(101, 110):
        _one(people, edition=2023, com=f"01{number}")["com"] = "01999"
    for number in range(110, 120):
        _one(people, edition=2023, com=f"01{number}").update(codcom=f"9{number - 100}", com=f"019{number - 100}")
    # Published twice, and one under a code that there is not.
    for level, column, twice, unknown in (("departements", "dep", "01", "85"), ("regions", "reg", "84", "52")):
        published = rows[POPULATION[level]]
        published.append(dict(_one(published, edition=2023, **{column: twice})))
        published.append(dict(_one(published, edition=2023, **{column: unknown})) | {column: "99"})
    rows[COMMUNES] += [
        dict(_one(rows[COMMUNES], edition=2024, com="01399")),
        commune(2024, "010041", "Six caractères", region="84", departement="01"),
        commune(2024, "01005", "Sans département", region="84", departement="99"),
        commune(2024, "01006", "Sans région", region="99", departement="01"),
        commune(2024, "01007", "Avec parente", region="84", departement="01") | {"comparent": "01001"},
    ]
    _write(tiny_lake, rows)
    found = tiny_lake.check(*SELECT)
    assert {name for name, status in found.items() if status == "fail"} == BLOCKING
    assert {name: found[name] for name in OF_TWO_FILES} == dict.fromkeys(OF_TWO_FILES, "warn")


def test_faults_in_the_tables_block(built_lake: TinyLake) -> None:
    built_lake.execute(*IN_TABLES.values())
    found = built_lake.check(*SELECT, run=False)
    assert {name for name, status in found.items() if status == "fail"} == set(IN_TABLES)


def test_every_check_of_territories_has_its_fault(tiny_lake: TinyLake) -> None:
    names = tiny_lake.checks_of_our_own(WORDS, without=TYPOLOGY_WORDS)
    assert names
    assert names - LISTED - BLOCKING - OF_TWO_FILES - set(IN_TABLES) == set()
