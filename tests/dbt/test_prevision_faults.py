"""Each check of the forecasts finds its own fault, and an empty lake makes empty tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dbt.lakes import TinyLake
from tests.dbt.prevision import CONTEXT, TABLES, WORDS

_FORECAST = (
    "INSERT INTO mart_prevision BY NAME SELECT 'nation' AS maille, 'FR' AS code_territoire, 'demi_heure' AS pas, "
    "'ridge' AS modele, 'climatologie' AS meteo, 1 AS horizon_jours, DATE '2024-01-02' AS date, "
    "TIMESTAMPTZ '2024-01-01 11:00:00+00' AS emise_a, "
    "TIMESTAMPTZ '2024-01-01 23:00:00+00' AS instant_utc, 60000.0 AS prevision_mw, "
    "59000.0 AS ic50_bas_mw, 61000.0 AS ic50_haut_mw, 57000.0 AS ic90_bas_mw, 63000.0 AS ic90_haut_mw, "
    "true AS est_a_venir, true AS est_publiee, '{label}' AS heure_locale"
)
_SCORE = (
    "INSERT INTO mart_prevision_scores BY NAME SELECT 'nation' AS maille, 'FR' AS code_territoire, 'jour' AS pas, "
    "'ridge' AS modele, 'climatologie' AS meteo, 1 AS horizon_jours, '{cut}' AS decoupe, '{cut}' AS valeur_decoupe, "
    "400 AS nombre, 400 AS nombre_jours, 380 AS nombre_intervalles, 900.0 AS mae_mw, -200.0 AS biais_mw, "
    "1100.0 AS rmse_mw, 91.0 AS couverture_90_pct"
)
_MODEL = (
    "INSERT INTO mart_prevision_modele BY NAME SELECT 'region' AS maille, '{code}' AS code_territoire, 'jour' AS pas, "
    "'ridge' AS modele, 'climatologie' AS meteo, true AS est_publie, 7 AS horizon_publie_jours, "
    "50.0 AS gain_contre_naif_pct, 40.0 AS gain_contre_persistance_pct, 40.0 AS gain_minimal_contre_naif_pct, "
    "30.0 AS gain_minimal_contre_persistance_pct"
)

CLEAN = (
    *(_FORECAST.format(label=each) for each in ("00:00", "00:30", "01:00", "01:30", "02:00")),
    *(_SCORE.format(cut=each) for each in ("ensemble", "hiver", "été")),
    *(_MODEL.format(code=each) for each in ("11", "24", "27")),
)

BLOCKING = {
    "mart_prevision_cle_unique": _FORECAST.format(label="00:00"),
    "mart_prevision_emise_avant_ce_qu_elle_prevoit": "UPDATE mart_prevision SET emise_a = instant_utc "
    "WHERE heure_locale = '00:30'",
    "mart_prevision_intervalles_emboites": "UPDATE mart_prevision SET ic90_haut_mw = 60500 "
    "WHERE heure_locale = '01:00'",
    "mart_prevision_a_venir_publiee_seulement": "UPDATE mart_prevision SET est_publiee = false "
    "WHERE heure_locale = '01:30'",
    "mart_prevision_scores_cle_unique": _SCORE.format(cut="hiver"),
    "mart_prevision_scores_coherents": "UPDATE mart_prevision_scores SET biais_mw = -901 WHERE decoupe = 'été'",
    "mart_prevision_modele_cle_unique": _MODEL.format(code="11"),
    "mart_prevision_modele_publie_seulement_s_il_gagne": "UPDATE mart_prevision_modele "
    "SET gain_minimal_contre_naif_pct = -1 WHERE code_territoire = '24'",
}
LISTED = {
    "mart_prevision_scores_couverture_proche_de_90": "UPDATE mart_prevision_scores SET couverture_90_pct = 60 "
    "WHERE decoupe = 'ensemble'",
}


@pytest.fixture
def built(tiny_lake: TinyLake) -> TinyLake:
    """Return the tables of an empty lake."""
    tiny_lake.make(
        *TABLES,
        *CONTEXT,
        "+fct_consommation_nationale",
        "+fct_consommation_regionale",
        "+fct_temperature_regionale",
        "+int_eco2mix_comparer_regions_et_france",
    )
    return tiny_lake


def test_an_empty_lake_gives_empty_tables_and_every_fault_is_found(built: TinyLake) -> None:
    for table in ("mart_prevision", "mart_prevision_scores", "mart_prevision_modele"):
        assert built.query(f"SELECT count(*) FROM {table}") == [(0,)]
    built.execute(*CLEAN)
    assert built.check(*TABLES, run=False) == {}
    built.execute(*BLOCKING.values(), *LISTED.values())
    expected = dict.fromkeys(BLOCKING, "fail") | dict.fromkeys(LISTED, "warn")
    assert built.check(*TABLES, run=False) == expected


def test_every_check_of_the_forecasts_has_its_fault(tiny_lake: TinyLake) -> None:
    names = tiny_lake.checks_of_our_own(WORDS)
    assert len(names) > 8
    assert names - set(BLOCKING) - set(LISTED) == set()


_LINE = (
    "INSERT INTO intermediate.int_prevision_lignes BY NAME SELECT 'region' AS maille, '{code}' AS code_territoire, "
    "'jour' AS pas, 'ridge' AS modele, 'climatologie' AS meteo, 1 AS horizon_jours, DATE '2024-01-02' AS date, "
    "TIMESTAMPTZ '2024-01-01 11:00:00+00' AS emise_a, TIMESTAMPTZ '2024-01-01 23:00:00+00' AS instant_utc, "
    "6000.0 AS prevision_mw, false AS est_a_venir, 'a' AS empreinte"
)


def test_only_the_forecasts_of_territories_that_have_moved_are_written_again(built: TinyLake, tmp_path: Path) -> None:
    built.execute(*(_LINE.format(code=each) for each in ("11", "24", "27", "44")))
    built.make("mart_prevision", months=["2024-01"])
    as_written = "SELECT code_territoire FROM mart_prevision ORDER BY rowid"
    assert {code for (code,) in built.query(as_written)} == {"11", "24", "27", "44"}
    built.execute(
        "UPDATE intermediate.int_prevision_lignes SET realise_mw = 5900 WHERE code_territoire = '11'",
        "DELETE FROM intermediate.int_prevision_lignes WHERE code_territoire = '24'",
        _MODEL.format(code="27"),  # now published, which its forecasts say
        _LINE.format(code="53"),
    )
    built.make("mart_prevision", months=["2024-01"])
    # What is written again comes after what has stayed.
    assert built.query(as_written)[0] == ("44",)
    assert {code for (code,) in built.query(as_written)} == {"11", "27", "44", "53"}
    renewed, again = built.query("FROM mart_prevision ORDER BY ALL"), built.copy(tmp_path / "again")
    again.dbt("run", "--full-refresh", "--select", "mart_prevision")
    assert again.query("FROM mart_prevision ORDER BY ALL") == renewed
