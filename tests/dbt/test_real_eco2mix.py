"""éCO2mix of December 2021, in real time, as the portal published it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dbt.eco2mix import NATIONAL_TR, SELECT
from tests.dbt.lakes import BuiltLake, TinyLake, found_by

pytestmark = pytest.mark.real

# Production by filière less pumping: what RTE's rate of CO2 refers to.
_PRODUCED = (
    "nucleaire_mw + eolien_mw + solaire_mw + hydraulique_mw + bioenergies_mw + gaz_mw + charbon_mw + fioul_mw "
    "+ pompage_mw"
)


@pytest.fixture(scope="module")
def december(real_data: Path, module_lake: TinyLake) -> BuiltLake:
    """Return the warehouse built, data tests included, from the file of December 2021."""
    module_lake.read_published(NATIONAL_TR, sorted((real_data / "odre" / NATIONAL_TR).glob("*_2021-12.csv")))
    return BuiltLake(module_lake, module_lake.build(*SELECT))


def test_no_check_finds_anything(december: BuiltLake) -> None:
    assert found_by(december.results) == {}


def test_every_label_is_there_once_and_measured(december: BuiltLake) -> None:
    rows = december.query(
        "SELECT count(*), count(DISTINCT (date_locale, heure_locale)), count(consommation_mw), "
        "count(DISTINCT date_locale), min(statut), max(statut) FROM fct_eco2mix_national"
    )
    assert rows == [(2_976, 2_976, 2_976, 31, "temps réel", "temps réel")]


def test_energy_uses_a_quarter_of_an_hour(december: BuiltLake) -> None:
    rows = december.query(
        "SELECT min(pas_minutes), max(pas_minutes), max(abs(energie_consommation_mwh - consommation_mw / 4)), "
        "round(sum(energie_consommation_mwh) / 1e6, 3), round(sum(energie_ech_physiques_mwh) / 1e6, 3) "
        "FROM fct_eco2mix_national"
    )
    assert rows == [(15, 15, 0.0, 48.346, 1.985)]


def test_production_pumping_and_exchanges_make_up_consumption_within_2_mw(december: BuiltLake) -> None:
    ((rows, smallest, largest),) = december.query(
        f"SELECT count(*), min(residu), max(residu) FROM "
        f"(SELECT consommation_mw - ech_physiques_mw - ({_PRODUCED}) AS residu FROM fct_eco2mix_national)"
    )
    assert rows == 2_976
    assert (smallest, largest) == (-1, 0)


def test_the_published_rate_of_co2_is_the_formula_within_1_g(december: BuiltLake) -> None:
    ((rows, largest, bias),) = december.query(
        "SELECT count(*), max(abs(ecart)), avg(ecart) FROM (SELECT taux_co2_g_par_kwh "
        "- (986 * charbon_mw + 777 * fioul_mw + 429 * gaz_mw + 494 * bioenergies_mw) "
        f"/ ({_PRODUCED}) AS ecart FROM fct_eco2mix_national)"
    )
    assert rows == 2_976
    assert largest == pytest.approx(0.79, abs=0.005)
    assert bias == pytest.approx(-0.05, abs=0.05)


def test_commercial_exchanges_are_half_hourly(december: BuiltLake) -> None:
    rows = december.query(
        "SELECT substr(heure_locale, 4, 2), count(ech_comm_suisse_mw) FROM fct_eco2mix_national GROUP BY 1 ORDER BY 1"
    )
    assert rows == [("00", 744), ("15", 0), ("30", 744), ("45", 0)]


def test_production_by_filiere_says_what_the_wide_table_says(december: BuiltLake) -> None:
    rows = december.query(
        "SELECT filiere, count(*), count(production_mw), round(sum(energie_mwh) / 1000) "
        "FROM fct_production_filiere WHERE territoire = 'FR' GROUP BY 1 ORDER BY 1"
    )
    assert rows == [
        ("bioenergies", 2_976, 2_976, 644),
        ("charbon", 2_976, 2_976, 543),
        ("eolien", 2_976, 2_976, 4_052),
        ("fioul", 2_976, 2_976, 162),
        ("gaz", 2_976, 2_976, 4_736),
        ("hydraulique", 2_976, 2_976, 5_117),
        ("nucleaire", 2_976, 2_976, 31_403),
        ("pompage", 2_976, 2_976, -801),
        ("solaire", 2_976, 2_976, 504),
    ]
    ((wide,),) = december.query(f"SELECT sum({_PRODUCED}) / 4 FROM fct_eco2mix_national")
    assert december.query("SELECT sum(energie_mwh) FROM fct_production_filiere") == [(wide,)]
