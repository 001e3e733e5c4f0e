"""What publishers do wrong: put into files of the synthetic France, found in the facts and in the list of faults."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dataelec_assets.sample import generate
from tests.dbt import eco2mix
from tests.dbt.consumption import NATIONAL, REGIONAL, national_day, regional_day
from tests.dbt.eco2mix import Row
from tests.dbt.lakes import ACROSS, TinyLake

SELECT = ("+meta_fautes_du_publieur", "+mart_completude_jour")
SOURCES = tuple(f"source:odre.{name.replace('-', '_')}+" for name in (NATIONAL, REGIONAL))
# Tables in which only the requested months are rebuilt.
MONTHLY = ("fct_consommation_nationale", "fct_consommation_regionale", "meta_fautes_du_publieur")


@pytest.fixture(scope="module")
def faulty(module_lake: TinyLake, tmp_path_factory: pytest.TempPathFactory) -> TinyLake:
    """Return the warehouse of a year whose January has one fault of each kind."""
    france = generate(tmp_path_factory.mktemp("faulty") / "france", years=1, faulty=True).destination
    for dataset_id in (NATIONAL, REGIONAL):
        module_lake.read_published(dataset_id, sorted((france / "odre" / dataset_id).iterdir()))
    # Of another month, 13 rows of one label are all that is there.
    day = date(2016, 4, 5)
    for dataset_id, rows in ((NATIONAL, national_day(day)), (REGIONAL, regional_day(day))):
        module_lake.write(dataset_id, [row for row in rows if row["heure"] == "13:00"])
    for dataset_id, rows in _eco2mix().items():
        module_lake.write(dataset_id, rows)
    module_lake.make(*SELECT)
    return module_lake


def _eco2mix() -> dict[str, list[Row]]:
    """Return a definitive day and two in real time, with a fault of each kind."""
    final, real_time = date(2026, 1, 14), (date(2026, 1, 20), date(2026, 1, 21))
    rows = {
        eco2mix.NATIONAL: eco2mix.national_day(final, eco2mix.DEFINITIVE),
        eco2mix.REGIONAL: eco2mix.regional_day(final, eco2mix.DEFINITIVE),
        eco2mix.NATIONAL_TR: [row for day in real_time for row in eco2mix.national_day(day)],
        eco2mix.REGIONAL_TR: eco2mix.regional_day(real_time[0]),
    }
    twin = dict(eco2mix.find(rows[eco2mix.NATIONAL], final, "10:00"))
    rows[eco2mix.NATIONAL].append(twin | {"consommation": 48_500.0})
    for row in rows[eco2mix.REGIONAL]:
        if row["code_insee_region"] == "11":
            row["consommation"] += 300  # 0.6 % of France
    eco2mix.find(rows[eco2mix.REGIONAL_TR], real_time[0], "12:00", "84")["nature"] = "Provisoire"
    of_rte = eco2mix.find(rows[eco2mix.NATIONAL_TR], real_time[0], "12:00")
    rows[eco2mix.RTE_NATIONAL_TR] = [of_rte | {"nature": "Provisoire"}]
    # The first midnight of the second day, printed under the day before it, which then lacks its own.
    rows[eco2mix.NATIONAL_TR].remove(eco2mix.find(rows[eco2mix.NATIONAL_TR], real_time[0], "00:00"))
    eco2mix.find(rows[eco2mix.NATIONAL_TR], real_time[1], "00:00")["date"] = real_time[0]
    return rows


def test_each_fault_is_listed_with_what_was_done(faulty: TinyLake) -> None:
    found = faulty.query(
        "SELECT jeu_de_donnees, type_de_faute, strftime(premier_jour, '%m-%d'), premiere_heure, "
        "strftime(dernier_jour, '%m-%d'), derniere_heure, nombre_lignes, action FROM meta_fautes_du_publieur "
        "WHERE jeu_de_donnees LIKE 'consommation%' ORDER BY ALL"
    )
    assert found == [
        (NATIONAL, "lecture à une autre étiquette", "01-15", "12:00", "01-16", "12:00", 1, "corrigée"),
        (NATIONAL, "ligne rejetée par le portail", "01-19", "12:00", "01-19", "12:00", 1, "écartée de l'énergie"),
        (NATIONAL, "ligne répétée", "01-21", "12:00", "01-21", "12:00", 2, "corrigée"),
        (NATIONAL, "statut inconnu", "01-23", "12:00", "01-23", "12:00", 1, "signalée"),
        (NATIONAL, "suite décalée d'une demi-heure", "01-04", "00:00", "01-06", "00:00", 96, "corrigée"),
        *(
            (REGIONAL, "régions et France en désaccord", f"01-{day}", None, f"01-{day}", None, 13 * 48, "signalée")
            for day in (10, 11, 12)
        ),
    ]


def test_the_faults_of_eco2mix_are_listed_too(faulty: TinyLake) -> None:
    found = faulty.query(
        "SELECT jeu_de_donnees, code_region, type_de_faute, strftime(premier_jour, '%m-%d'), premiere_heure, "
        "nombre_lignes, action FROM meta_fautes_du_publieur WHERE jeu_de_donnees LIKE 'eco2mix%' ORDER BY ALL"
    )
    assert found == [
        (eco2mix.NATIONAL, None, "étiquette en double", "01-14", "10:00", 2, "signalée"),
        (eco2mix.NATIONAL_TR, None, "jour publié faux", "01-20", "00:00", 1, "signalée"),
        (eco2mix.REGIONAL, None, "régions et France en désaccord", "01-14", None, 13 * 48, "signalée"),
        (eco2mix.REGIONAL_TR, "84", "statut inconnu", "01-20", "12:00", 1, "signalée"),
        (eco2mix.RTE_NATIONAL_TR, None, "statut inconnu", "01-20", "12:00", 1, "signalée"),
    ]


def test_the_evidence_gives_both_figures(faulty: TinyLake) -> None:
    evidence = dict(
        faulty.query("SELECT type_de_faute, min(preuve) FROM meta_fautes_du_publieur GROUP BY 1 ORDER BY 1")
    )
    run = evidence["suite décalée d'une demi-heure"]
    assert run.startswith("2023-01-04 00:00 imprimé 2 fois (")
    assert "2023-01-06 00:00 absent" in run
    assert "gaz hors de :00 : " in run
    assert evidence["ligne rejetée par le portail"].startswith("flag_ignore = oui ; électricité de -1 à -1 MW")
    ((france, regions),) = faulty.query(
        "SELECT round(energie_france_mwh)::BIGINT, round(energie_regions_mwh)::BIGINT "
        "FROM intermediate.int_consommation_comparer_regions_et_france WHERE date = DATE '2023-01-10'"
    )
    ((proof,),) = faulty.query(
        "SELECT preuve FROM meta_fautes_du_publieur "
        "WHERE type_de_faute LIKE 'régions%' AND premier_jour = DATE '2023-01-10'"
    )
    assert proof.startswith(f"douze régions {regions} MWh, France {france} MWh (")


def test_every_reading_is_back_at_its_label(faulty: TinyLake) -> None:
    """The national set is the exact sum of the regional one, but where one of them is faulty."""
    apart = faulty.query(
        "WITH r AS (SELECT date_locale, heure_locale, sum(consommation_electricite_mw) AS e, "
        "sum(consommation_gaz_mw) AS g FROM fct_consommation_regionale GROUP BY 1, 2) "
        "SELECT date_locale::VARCHAR, count(*) FROM r FULL JOIN fct_consommation_nationale AS n "
        "USING (date_locale, heure_locale) WHERE year(date_locale) = 2023 AND (r.e IS DISTINCT FROM "
        "n.consommation_electricite_mw OR r.g IS DISTINCT FROM n.consommation_gaz_mw) GROUP BY 1 ORDER BY 1"
    )
    assert apart == [("2023-01-10", 48), ("2023-01-11", 48), ("2023-01-12", 48), ("2023-01-19", 1)]


def test_mended_rows_keep_the_label_that_was_printed(faulty: TinyLake) -> None:
    rows = faulty.query(
        "SELECT count(*), count(*) FILTER (heure_publiee = heure_locale), min(instant_utc)::VARCHAR, "
        "max(instant_utc)::VARCHAR FROM fct_consommation_nationale WHERE est_corrigee AND date_locale < '2023-01-10'"
    )
    assert rows == [(96, 0, "2023-01-03 23:30:00+00", "2023-01-05 23:00:00+00")]
    stray = faulty.query(
        "SELECT date_locale::VARCHAR, heure_locale, heure_publiee, instant_utc::VARCHAR "
        "FROM fct_consommation_nationale WHERE est_corrigee AND date_locale > '2023-01-10'"
    )
    assert stray == [("2023-01-16", "12:00", "12:00", "2023-01-16 11:00:00+00")]


def test_what_the_portal_rejects_is_shown_without_a_measure(faulty: TinyLake) -> None:
    rows = faulty.query(
        "SELECT date_locale::VARCHAR, heure_locale, consommation_electricite_mw, energie_electricite_mwh, "
        "consommation_gaz_mw FROM fct_consommation_nationale WHERE est_ignoree"
    )
    assert rows == [("2023-01-19", "12:00", None, None, None)]


def test_doubtful_days_are_those_of_the_disagreement_in_both_sets(faulty: TinyLake) -> None:
    for fact in ("fct_consommation_nationale", "fct_consommation_regionale"):
        days = faulty.query(f"SELECT DISTINCT date_locale::VARCHAR FROM {fact} WHERE est_douteux ORDER BY 1")
        assert days == [("2023-01-10",), ("2023-01-11",), ("2023-01-12",)]


def test_one_label_of_a_month_is_half_an_hour_and_passes_every_check(faulty: TinyLake) -> None:
    assert faulty.query(
        "SELECT date_locale::VARCHAR, heure_locale, energie_electricite_mwh / consommation_electricite_mw, "
        "energie_gaz_mwh / consommation_gaz_mw FROM fct_consommation_nationale WHERE mois = '2016-04'"
    ) == [("2016-04-05", "13:00", 0.5, 1.0)]
    facts = ("fct_consommation_nationale", "fct_consommation_regionale")
    assert "fail" not in faulty.check(*facts, run=False).values()


def test_no_count_is_negative_and_only_the_rejected_reading_lacks(faulty: TinyLake) -> None:
    rows = faulty.query(
        "SELECT date::VARCHAR, demi_heures_electricite_manquantes, heures_gaz_manquantes FROM mart_completude_jour "
        "WHERE date BETWEEN '2023-01-01' AND '2023-01-31' AND "
        "NOT (est_complet_electricite AND est_complet_gaz) ORDER BY 1"
    )
    assert rows == [("2023-01-19", 1, 1)]


def test_renewing_the_month_gives_what_a_full_build_gives(faulty: TinyLake, tmp_path: Path) -> None:
    lake = faulty.copy(tmp_path / "lake")
    before = lake.contents(MONTHLY)
    lake.execute(
        "DELETE FROM intermediate.int_fautes_etiquettes_nationales",
        "DELETE FROM meta_fautes_du_publieur WHERE mois = '2023-01'",
    )
    lake.make(*SOURCES, "--exclude", *ACROSS, months=("2023-01",))
    lake.make("meta_fautes_du_publieur", months=("2023-01",))
    assert lake.contents(MONTHLY) == before


BRUTE = ("fct_consommation_nationale", "fct_consommation_regionale")
ECO2MIX = ("fct_eco2mix_national", "fct_eco2mix_regional")


@pytest.mark.parametrize(
    ("intact", "left"),
    [
        (BRUTE, {NATIONAL}),
        (ECO2MIX, {eco2mix.NATIONAL_TR}),
        (BRUTE[:1], set()),
        ((), set()),
        ((*BRUTE, *ECO2MIX), set()),
    ],
    ids=["gross consumption has not moved", "éCO2mix has not", "half of it has", "all has", "nothing that is known"],
)
def test_faults_of_facts_that_nothing_has_moved_are_left_alone(
    faulty: TinyLake, tmp_path: Path, intact: tuple[str, ...], left: set[str]
) -> None:
    lake = faulty.copy(tmp_path / "lake")
    before = lake.query("FROM meta_fautes_du_publieur ORDER BY ALL")
    for dataset_id in (NATIONAL, eco2mix.NATIONAL_TR):
        lake.execute(
            "INSERT INTO meta_fautes_du_publieur BY NAME SELECT * REPLACE ('marque' AS preuve, '2026-01' AS mois, "
            f"'{dataset_id}' AS jeu_de_donnees) FROM meta_fautes_du_publieur LIMIT 1"
        )
    lake.make("meta_fautes_du_publieur", months=("2026-01",), intact=intact)
    marked = lake.query("SELECT jeu_de_donnees FROM meta_fautes_du_publieur WHERE preuve = 'marque'")
    assert {dataset_id for (dataset_id,) in marked} == left
    assert lake.query("FROM meta_fautes_du_publieur WHERE preuve <> 'marque' ORDER BY ALL") == before


def test_a_fault_is_listed_once(faulty: TinyLake, tmp_path: Path) -> None:
    lake = faulty.copy(tmp_path / "lake")
    assert lake.check("meta_fautes_du_publieur", run=False) == {}
    lake.execute("INSERT INTO meta_fautes_du_publieur SELECT * FROM meta_fautes_du_publieur LIMIT 1")
    assert lake.check("meta_fautes_du_publieur", run=False) == {"meta_fautes_du_publieur_cle_unique": "fail"}
    assert lake.checks_of_our_own(("meta_fautes",)) == {"meta_fautes_du_publieur_cle_unique"}
