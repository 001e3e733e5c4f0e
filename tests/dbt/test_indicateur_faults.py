"""Territorial indicators: each rule of aggregation at each grain, and each of their checks finds its own fault."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import httpx
import pytest

from dataelec_assets.serving.api.app import Options, create_app
from tests.dbt.indicateurs import CHECKS, SELECT, WORDS, rows
from tests.dbt.lakes import TinyLake
from tests.serving.api.served import META, pages, running

_EPCI = "maille = 'epci' AND code_territoire = '200000001'"
_HOMES = "code_indicateur = 'conso_electricite_par_hab' AND sous_champ = 'residentiel' AND annee = 2021"

BLOCKING = {
    "odd_dictionnaire_cle_unique": "INSERT INTO intermediate.odd_dictionnaire "
    "SELECT * FROM intermediate.odd_dictionnaire LIMIT 1",
    "fct_indicateur_cle_unique": f"INSERT INTO fct_indicateur SELECT * FROM fct_indicateur WHERE {_EPCI} "
    "AND code_indicateur = 'odd_rev'",
    "fct_indicateur_secret_jamais_un_nombre": "UPDATE fct_indicateur SET secret = true "
    "WHERE code_indicateur = 'odd_rev' AND code_territoire = '01001'",
    # A ratio that was added up, in agreement with its terms: no other check sees it.
    "indicateurs_agregats_conformes_a_leurs_parties": "UPDATE fct_indicateur "
    f"SET valeur = 700, numerateur = 700 * denominateur / 1000 WHERE {_EPCI} AND {_HOMES}",
    "indicateurs_ratios_de_leurs_deux_termes": "UPDATE fct_indicateur SET numerateur = 2 * numerateur "
    f"WHERE code_territoire = '13001' AND {_HOMES}",
    # The rule of a ratio turned into that of a count.
    "dim_indicateur_regle_et_termes_concordent": "UPDATE dim_indicateur SET regle_agregation = 'somme' "
    "WHERE code_indicateur = 'part_surface'",
    "mart_indicateur_compare_cle_unique": "INSERT INTO mart_indicateur_compare SELECT * FROM mart_indicateur_compare "
    f"WHERE {_EPCI} AND code_indicateur = 'odd_rev'",
    "mart_indicateur_compare_rang_possible": "UPDATE mart_indicateur_compare SET rang = nombre_pairs + 1 "
    "WHERE code_indicateur = 'odd_rev' AND code_territoire = '01001'",
    "mart_indicateur_nettoyage_cle_unique": "INSERT INTO mart_indicateur_nettoyage "
    "SELECT * FROM mart_indicateur_nettoyage WHERE regle = 'virgule décimale'",
}
LISTED = {
    "mart_indicateur_nettoyage_tout_est_lisible": "UPDATE mart_indicateur_nettoyage SET regle = 'valeur illisible' "
    "WHERE regle = 'marqueur de secret'",
}


@pytest.fixture(scope="module")
def built(module_lake: TinyLake) -> TinyLake:
    """Return the indicators of five communes."""
    lake = module_lake
    for dataset_id, chosen in rows().items():
        lake.write(dataset_id, chosen)
    lake.make(*SELECT)
    return lake


def values(lake: TinyLake, indicator: str, year: int, part: str | None, columns: str = "valeur") -> dict[str, object]:
    """Return one column, or several as a tuple, by grain and code, of what lies above the communes."""
    found = lake.query(
        f"SELECT maille || ' ' || code_territoire, {columns} FROM fct_indicateur WHERE maille <> 'commune' "
        f"AND code_indicateur = '{indicator}' AND annee = {year} AND sous_champ IS NOT DISTINCT FROM "
        f"{'NULL' if part is None else repr(part)} ORDER BY ALL"
    )
    return {where: rest[0] if len(rest) == 1 else rest for where, *rest in found}


def test_counts_add_up_at_each_grain(built: TinyLake) -> None:
    assert values(built, "population", 2021, None) == {
        "epci 200000001": 1_500,
        "epci 200000002": 8_300,
        "epci 200000003": 2_000,
        "departement 01": 1_800,
        "departement 13": 2_000,
        "departement 69": 8_000,
        "region 84": 9_800,
        "region 93": 2_000,
        "nation FR": 11_800,
    }
    # A sum without one of its parts is served as long as the others hold 95 % of the inhabitants.
    assert values(built, "conso_electricite", 2021, "residentiel", "valeur, secret, est_incomplet") == {
        "epci 200000001": [400, False, False],
        "epci 200000002": [500, False, True],
        "epci 200000003": [200, False, False],
        "departement 01": [None, True, True],
        "departement 13": [200, False, False],
        "departement 69": [500, False, False],
        "region 84": [900, False, True],
        "region 93": [200, False, False],
        "nation FR": [1_100, False, True],
    }


def test_ratios_are_recomputed_from_both_terms_where_both_are_known(built: TinyLake) -> None:
    found = values(built, "conso_electricite_par_hab", 2021, "residentiel", "valeur, denominateur, est_incomplet")
    assert found == {
        # Neither the sum of 100 and 600 nor their mean.
        "epci 200000001": [pytest.approx(1000 * 400 / 1_500), 1_500, False],
        # The inhabitants of the commune whose consumption is secret are left out too.
        "epci 200000002": [pytest.approx(1000 * 500 / 8_000), 8_000, True],
        "epci 200000003": [pytest.approx(100), 2_000, False],
        "departement 01": [pytest.approx(1000 * 400 / 1_500), 1_500, True],
        "departement 13": [pytest.approx(100), 2_000, False],
        "departement 69": [pytest.approx(62.5), 8_000, False],
        "region 84": [pytest.approx(1000 * 900 / 9_500), 9_500, True],
        "region 93": [pytest.approx(100), 2_000, False],
        "nation FR": [pytest.approx(1000 * 1_100 / 11_500), 11_500, True],
    }
    # No shop is not an unknown shop: all who live there count.
    shops = values(built, "conso_electricite_par_hab", 2021, "tertiaire")
    assert shops["region 84"] == pytest.approx(1000 * 80 / 9_800)
    assert values(built, "part_appartements", 2021, None) == {
        "epci 200000001": 25,
        "epci 200000002": 100,
        "epci 200000003": 0,
        "departement 01": 25,
        "departement 13": 0,
        "departement 69": 100,
        "region 84": 70,
        "region 93": 0,
        "nation FR": pytest.approx(100 * 350 / 600),
    }


def test_the_publishers_own_value_wins_where_its_grain_has_one(built: TinyLake) -> None:
    columns = "valeur, maille_source, motif, annee_denominateur"
    assert values(built, "conso_electricite_par_hab", 2022, "residentiel", columns) == {
        # One commune in two says nothing of the EPCI.
        "epci 200000001": [None, "commune", "couverture insuffisante", 2021],
        "departement 01": [pytest.approx(1000 * 1_000 / 1_800), "departement", None, 2021],
        "region 84": [pytest.approx(1000 * 2_000 / 9_800), "region", None, 2021],
        "nation FR": [pytest.approx(1000 * 2_000 / 9_800), "region", None, 2021],
    }
    assert values(built, "conso_electricite", 2022, "residentiel")["nation FR"] is None


def test_a_whole_of_which_a_sector_is_secret_is_secret(built: TinyLake) -> None:
    found = built.query(
        "SELECT code_indicateur, sous_champ, valeur, secret, motif FROM fct_indicateur "
        "WHERE code_territoire = '01003' AND code_indicateur LIKE '%electricite' ORDER BY ALL"
    )
    assert found == [
        ("conso_electricite", "residentiel", None, True, "secret statistique"),
        ("conso_electricite", None, None, True, "secret statistique"),
        ("part_residentiel_electricite", None, None, True, "secret statistique"),
    ]


def test_published_counts_are_summed_and_medians_and_ratios_never(built: TinyLake) -> None:
    # 01003 is not in the file: three quarters of the département's inhabitants are not enough for a sum.
    assert values(built, "odd_surf", 2020, None) == {
        "epci 200000001": 3.5,
        **dict.fromkeys(("departement 01", "region 84", "nation FR")),
    }
    assert values(built, "odd_rev", 2020, None) == {"epci 200000001": 21_000}
    assert values(built, "odd_part", 2020, None) == {"departement 01": 12.5}
    assert built.query(
        "SELECT code_territoire, valeur, secret, unite FROM fct_indicateur WHERE code_indicateur = 'odd_rev' "
        "AND maille = 'commune' ORDER BY ALL"
    ) == [("01001", 20_000, False, "€"), ("01002", None, True, "€")]


def test_imported_counts_are_summed_from_all_their_parts_and_rates_never(built: TinyLake) -> None:
    columns = "valeur, motif, est_incomplet, maille_source, couverture_pct"
    assert values(built, "imp_ville__arbres", 2024, None, columns) == {
        "epci 200000001": [12.5, None, False, "commune", 100],
        # 8,000 of its 8,300 inhabitants live where the file has no value.
        "epci 200000002": [None, "couverture insuffisante", True, "commune", pytest.approx(100 * 300 / 8_300)],
        "epci 200000003": [None, "secret statistique", True, "commune", 0],
        "departement 01": [19.5, None, False, "commune", 100],
        "departement 13": [None, "secret statistique", True, "commune", 0],
        "region 84": [None, "couverture insuffisante", True, "commune", pytest.approx(100 * 1_800 / 9_800)],
        "region 93": [None, "secret statistique", True, "commune", 0],
        "nation FR": [None, "couverture insuffisante", True, "commune", pytest.approx(100 * 1_800 / 11_800)],
    }
    assert values(built, "imp_ville__ombre", 2024, None) == {"departement 01": 20}
    assert built.query(
        "SELECT DISTINCT code_indicateur, proprietaire, regle_agregation FROM dim_indicateur "
        "WHERE proprietaire IS NOT NULL ORDER BY ALL"
    ) == [("imp_ville__arbres", "Ville", "somme"), ("imp_ville__ombre", "Ville", "jamais")]
    served = built.query("SELECT DISTINCT code_indicateur, proprietaire FROM fct_indicateur")
    assert {code for code, owner in served if owner} == {code for code, _ in served if code.startswith("imp_")}


def test_a_sum_of_what_was_imported_that_lost_a_part_is_found(built: TinyLake, tmp_path: Path) -> None:
    spoilt = built.copy(tmp_path / "lake")
    spoilt.execute(
        "UPDATE fct_indicateur SET valeur = 12 WHERE code_indicateur = 'imp_ville__arbres' AND code_territoire = '01'"
    )
    assert spoilt.check(*CHECKS, run=False) == {"indicateurs_agregats_conformes_a_leurs_parties": "fail"}


def test_what_was_changed_is_told_with_an_example(built: TinyLake) -> None:
    assert built.query("SELECT * FROM mart_indicateur_nettoyage WHERE source LIKE '%communes' ORDER BY ALL") == [
        ("indicateurs-odd-communes", "code de variable réécrit", "variable", 1, "rev ", "odd_rev"),
        ("indicateurs-odd-communes", "espace dans un nombre", "valeur", 1, "20 000", "20000.0"),
        ("indicateurs-odd-communes", "ligne répétée", "valeur", 1, "10 ; 10", "10.0"),
        ("indicateurs-odd-communes", "marqueur de secret", "valeur", 1, "s", None),
        ("indicateurs-odd-communes", "unité réécrite", "unite", 2, "euros", "€"),
        ("indicateurs-odd-communes", "virgule décimale", "valeur", 1, "1,5", "1.5"),
        ("indicateurs-odd-communes", "zéro initial rendu", "codgeo", 1, "1001", "01001"),
    ]


@pytest.fixture(scope="module")
def api(built: TinyLake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """Return a client of the API on these tables, before they are spoilt."""
    file = tmp_path_factory.mktemp("serving") / "dataelec.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(META)
        connection.execute(f"ATTACH '{built.paths.warehouse}' AS warehouse (READ_ONLY)")
        tables = ("dim_region", "dim_departement", "dim_epci", "dim_commune", "dim_indicateur", "fct_indicateur")
        for table in (*tables, "meta_ruptures"):
            connection.execute(f"CREATE TABLE {table} AS FROM warehouse.main.{table}")
    with running(create_app(file, Options(rate=0))) as client:
        yield client


def test_the_first_api_answers_from_these_tables(api: httpx.Client) -> None:
    found = {row["indicateur"]: row for row in api.get("/indicateurs?departement=01&annee=2021").json()}
    assert found["Consommation d'électricité par habitant (residentiel)"] == {
        "indicateur": "Consommation d'électricité par habitant (residentiel)",
        "valeur": pytest.approx(1000 * 400 / 1_500),
        "unite": "kWh/hab",
        "annee": 2021,
        "annee_denominateur": 2021,
        "motif": None,
    }
    # Untold, and never a zero.
    assert found["Consommation d'électricité (residentiel)"]["valeur"] is None
    # Without a year each indicator comes with its newest.
    newest = {row["indicateur"]: row["valeur"] for row in api.get("/indicateurs?departement=01").json()}
    assert newest["Consommation d'électricité (residentiel)"] == 1_000
    assert newest["Part"] == 12.5


def test_the_api_compares_as_the_served_table_does(api: httpx.Client, built: TinyLake) -> None:
    columns = (
        "code_indicateur, maille, code_territoire, annee, sous_champ, valeur, maille_parent, code_parent, "
        "valeur_parent, ecart_parent_pct, rang, nombre_pairs, centile, annee_precedente, evolution_pct, "
        "motif_rupture"
    )
    served = {row[:5]: row[5:] for row in built.query(f"SELECT {columns} FROM mart_indicateur_compare")}
    asked = "&".join(f"indicateur={code}" for code in sorted({key[0] for key in served}))
    names = columns.split(", ")
    answered = {}
    for page in pages(api, f"/v1/valeurs?{asked}&comparaison=true&limite=100"):
        for row in page.json()["donnees"]:
            answered[tuple(row[name] for name in names[:5])] = tuple(row[name] for name in names[5:])
    # The table leaves out the older years of communes.
    assert served.keys() <= answered.keys()
    assert {key[1] for key in answered.keys() - served.keys()} == {"commune"}
    assert {key: answered[key] for key in served} == {
        key: tuple(pytest.approx(value) if isinstance(value, float) else value for value in row)
        for key, row in served.items()
    }


def test_every_fault_is_found_by_its_check_alone(built: TinyLake, tmp_path: Path) -> None:
    assert built.check(*CHECKS, run=False) == {}
    spoilt = built.copy(tmp_path / "lake")
    spoilt.execute(*BLOCKING.values(), *LISTED.values())
    assert spoilt.check(*CHECKS, run=False) == {**dict.fromkeys(BLOCKING, "fail"), **dict.fromkeys(LISTED, "warn")}


def test_every_check_of_indicators_has_its_fault(tiny_lake: TinyLake) -> None:
    assert tiny_lake.checks_of_our_own(WORDS) == {*BLOCKING, *LISTED}
