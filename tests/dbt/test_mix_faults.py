"""Mix, questions, decomposition: each of their checks finds its own fault, and clean days give no finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dbt.lakes import TinyLake
from tests.dbt.mix import MARTS, WORDS
from tests.dbt.test_data_tests_fail_on_faults_consumption import clean_rows as consumption_rows
from tests.dbt.test_data_tests_fail_on_faults_eco2mix import clean_rows as eco2mix_rows

QUESTIONS = tuple(name for name in MARTS if name.startswith("mart_question_"))

BLOCKING = {
    "mart_mix_jour_cle_unique": "INSERT INTO mart_mix_jour SELECT * REPLACE (NULL AS part_pct) FROM mart_mix_jour "
    "WHERE date = DATE '2026-03-27' AND filiere = 'eolien'",
    "mart_mix_jour_part_possible": "UPDATE mart_mix_jour SET part_pct = 100.1 "
    "WHERE code_territoire = '24' AND date = DATE '2026-03-26' AND filiere = 'eolien'",
    "mix_parts_somme_a_cent": "UPDATE mart_mix_saison SET part_pct = part_pct + 0.02 "
    "WHERE code_territoire = '53' AND filiere = 'eolien'",
    "mart_mix_bilan_jour_cle_unique": "INSERT INTO mart_mix_bilan_jour SELECT * FROM mart_mix_bilan_jour "
    "WHERE code_territoire = '11' AND date = DATE '2026-03-27'",
    "mart_mix_bilan_jour_aucun_co2_regional": "UPDATE mart_mix_bilan_jour SET taux_co2_g_par_kwh = 30 "
    "WHERE code_territoire = '84' AND date = DATE '2026-03-28'",
    "mart_mix_bilan_jour_couverture_co2_possible": "UPDATE mart_mix_bilan_jour SET couverture_co2_pct = 101 "
    "WHERE code_territoire = 'FR' AND date = DATE '2026-03-28'",
    "mart_co2_controle_cle_unique": "INSERT INTO mart_co2_controle SELECT * FROM mart_co2_controle "
    "WHERE statut = 'consolidé'",
    "mart_mix_saison_cle_unique": "INSERT INTO mart_mix_saison SELECT * REPLACE (NULL AS part_pct) "
    "FROM mart_mix_saison WHERE code_territoire = '27' AND filiere = 'solaire'",
    "mart_mix_periode_cle_unique": "INSERT INTO mart_mix_periode SELECT * REPLACE (NULL AS part_pct) "
    "FROM mart_mix_periode WHERE code_territoire = '27' AND filiere = 'solaire'",
    "mart_mix_bilan_periode_cle_unique": "INSERT INTO mart_mix_bilan_periode SELECT * FROM mart_mix_bilan_periode "
    "WHERE code_territoire = '27'",
    "mart_mix_bilan_periode_parts_possibles": "UPDATE mart_mix_bilan_periode SET part_renouvelable_pct = 99 "
    "WHERE code_territoire = 'FR'",
    "mart_decomposition_consommation_cle_unique": "INSERT INTO mart_decomposition_consommation "
    "SELECT * FROM mart_decomposition_consommation WHERE code_region = '11' AND facteur = 'residu'",
    "mart_decomposition_consommation_chiffre_ou_motif": "UPDATE mart_decomposition_consommation SET motif = NULL "
    "WHERE code_region = '24' AND facteur = 'vacances'",
    "mart_consommation_par_client_cle_unique": "INSERT INTO mart_consommation_par_client BY NAME "
    "SELECT 'region' AS maille, '11' AS code_territoire, 2020 AS annee, 'gaz' AS energie, 'industrie' AS code_secteur "
    "FROM range(2)",
    **{
        f"{name}_cle_unique": f"INSERT INTO {name} SELECT * FROM {name} WHERE methode = 'spearman'"
        for name in QUESTIONS
    },
    **{
        f"{name}_chiffre_ou_motif": f"UPDATE {name} SET effet = 0.1, ic95_bas = -0.2, ic95_haut = 0.4, "
        "est_concluant = true WHERE methode = 'pearson'"
        for name in QUESTIONS
    },
}
LISTED = {
    "mart_co2_controle_ecart_des_facteurs_verifies": "UPDATE mart_co2_controle SET ecart_moyen_g_par_kwh = -1.1 "
    "WHERE statut = 'temps réel'",
}


@pytest.fixture(scope="module")
def built(module_lake: TinyLake) -> TinyLake:
    """Return the tables made from a few clean days."""
    lake = module_lake
    for rows in (consumption_rows(), eco2mix_rows()):
        for dataset_id, chosen in rows.items():
            lake.write(dataset_id, chosen)
    lake.make(*(f"+{name}" for name in MARTS))
    return lake


def test_a_day_is_shared_out_among_what_was_produced(built: TinyLake) -> None:
    # Twelve regions of 4,000 MW in the rows; the rate of CO2 is the printed one.
    ((production, consumption, coverage, rate, known, whole),) = built.query(
        "SELECT production_mwh, consommation_mwh, taux_couverture_pct, taux_co2_g_par_kwh, couverture_co2_pct, "
        "est_complet FROM mart_mix_bilan_jour WHERE code_territoire = 'FR' AND date = DATE '2026-03-27'"
    )
    assert consumption == pytest.approx(1_152_000)
    assert coverage == pytest.approx(100 * production / consumption)
    assert (rate, known) == (32, 100)
    assert whole
    # A day of the clock change has 23 hours, and is whole with them.
    assert built.query(
        "SELECT heures_lues_h, est_complet FROM mart_mix_bilan_jour "
        "WHERE code_territoire = 'FR' AND date = DATE '2026-03-29'"
    ) == [(23.0, True)]
    ((regions, days, worst),) = built.query(
        "SELECT count(DISTINCT code_territoire), count(DISTINCT date), max(abs(total - 100)) FROM "
        "(SELECT code_territoire, date, sum(part_pct) AS total FROM mart_mix_jour GROUP BY ALL)"
    )
    assert (regions, days) == (13, 7)
    assert worst < 0.01


def test_the_error_of_the_factors_is_told_by_status_and_period(built: TinyLake) -> None:
    # In real time of 2026 pumping is not taken off: (429 x 2,400 + 494 x 1,200) / 51,600; the settled days have rough
    # factors of 360 and 390 g, and 600 MW less.
    rows = built.query(
        "SELECT statut, est_verifie, taux_co2_g_par_kwh, taux_co2_recalcule_g_par_kwh, ecart_moyen_g_par_kwh "
        "FROM mart_co2_controle ORDER BY statut"
    )
    rough, close = (360 * 2_400 + 390 * 1_200) / 51_000, (429 * 2_400 + 494 * 1_200) / 51_600
    assert rows == [
        (statut, False, 32, pytest.approx(rough), pytest.approx(rough - 32)) for statut in ("consolidé", "définitif")
    ] + [("temps réel", True, 32, pytest.approx(close), pytest.approx(close - 32))]


def test_few_days_and_none_say_why_nothing_can_be_told(built: TinyLake) -> None:
    for name in QUESTIONS:
        assert built.query(f"SELECT count(*) FROM {name} WHERE est_concluant OR motif IS NULL") == [(0,)], name
    # Twelve regions and France, two energies, seven factors.
    rows = built.query(
        "SELECT count(*), count(motif), count(contribution_mwh), bool_or(est_fiable) "
        "FROM mart_decomposition_consommation"
    )
    assert rows == [(13 * 2 * 7, 13 * 2 * 7, 0, False)]


def test_every_check_of_our_own_has_its_fault(built: TinyLake) -> None:
    names = built.checks_of_our_own(WORDS)
    assert names == {*BLOCKING, *LISTED}


def test_clean_days_pass_and_every_fault_is_found(built: TinyLake, tmp_path: Path) -> None:
    checks = (*MARTS, "mix_parts_somme_a_cent")
    assert built.check(*checks, run=False) == {}
    spoilt = built.copy(tmp_path / "lake")
    for statement in (*BLOCKING.values(), *LISTED.values()):
        spoilt.execute(statement)
    found = spoilt.check(*checks, run=False)
    assert found == {**dict.fromkeys(BLOCKING, "fail"), **dict.fromkeys(LISTED, "warn")}
