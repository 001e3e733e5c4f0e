"""RTE's own rows beside those of ODRÉ: which one a fact takes, and what is shown where they disagree."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.dbt import consumption
from tests.dbt.eco2mix import (
    DEFINITIVE,
    NATIONAL,
    NATIONAL_TR,
    REGIONAL,
    RTE_NATIONAL_TR,
    RTE_REGIONAL,
    Row,
    find,
    national_day,
    regional_day,
)
from tests.dbt.lakes import TinyLake, found_by

SELECT = ("+meta_ecarts_sources", "fct_production_filiere", "dim_filiere", "filieres")
# In January the regions of gross consumption are in the wrong order; in February ODRÉ stops at noon.
WRONG_ORDER, STOPPED = date(2026, 1, 14), date(2026, 2, 10)


def _rte(rows: list[Row], **measures: float) -> list[Row]:
    """Return rows as RTE's, with other measures where they are read."""
    return [row | {name: value for name, value in measures.items() if row.get(name) is not None} for row in rows]


@pytest.fixture(scope="module")
def clean(module_lake: TinyLake) -> TinyLake:
    """Return a warehouse of two days, with RTE's files beside."""
    lake = module_lake
    regions = consumption.regional_day(WRONG_ORDER, mw=4_000)
    for code in consumption.REGIONS:
        of_region = {row["heure"]: row for row in regions if row["code_insee_region"] == code}
        of_region["08:00"]["consommation_brute_electricite_rte"] = 5_000.0
        of_region["20:00"]["consommation_brute_electricite_rte"] = 3_000.0
    lake.write(consumption.REGIONAL, regions)
    lake.write(consumption.NATIONAL, consumption.national_day(WRONG_ORDER, mw=48_000))
    lake.write(RTE_REGIONAL, _quarters(regional_day(WRONG_ORDER, DEFINITIVE)))
    lake.write(NATIONAL, national_day(WRONG_ORDER, DEFINITIVE))
    lake.write(REGIONAL, regional_day(WRONG_ORDER, DEFINITIVE))

    odre = national_day(STOPPED)
    for row in odre:
        if row["heure"] >= "12:00":
            row.update(dict.fromkeys([name for name in row if name not in _OF_EVERY_ROW], None))
    lake.write(NATIONAL_TR, odre)
    lake.write(RTE_NATIONAL_TR, _rte(national_day(STOPPED), consommation=48_200.0))
    assert "fail" not in found_by(lake.build(*SELECT)).values()
    return lake


_OF_EVERY_ROW = ("perimetre", "nature", "date", "heure", "date_heure", "prevision_j1")


def _quarters(rows: list[Row]) -> list[Row]:
    """Return half-hours with the quarters between, which RTE prints without a value."""
    blank = {"consommation", "thermique", "nucleaire", "eolien", "solaire", "hydraulique", "bioenergies", "pompage"}
    blank |= {"ech_physiques"}
    between = [
        {**dict.fromkeys(blank), **{name: value for name, value in row.items() if name not in blank}}
        | {"heure": row["heure"][:3] + ("15" if row["heure"].endswith("00") else "45")}
        for row in rows
    ]
    return [{name: value for name, value in row.items() if name[:4] not in ("tco_", "tch_")} for row in rows + between]


def test_a_day_on_which_odre_stops_goes_on_with_rte_label_by_label(clean: TinyLake) -> None:
    rows = clean.query(
        "SELECT source, count(*), min(heure_locale), max(heure_locale), min(consommation_mw), max(consommation_mw) "
        f"FROM fct_eco2mix_national WHERE date_locale = DATE '{STOPPED}' GROUP BY 1 ORDER BY 1"
    )
    assert rows == [("ODRÉ", 48, "00:00", "11:45", 48_000, 48_000), ("RTE", 48, "12:00", "23:45", 48_200, 48_200)]
    ((energy,),) = clean.query(
        f"SELECT sum(energie_consommation_mwh) FROM fct_eco2mix_national WHERE date_locale = DATE '{STOPPED}'"
    )
    assert energy == 12 * 48_000 + 12 * 48_200


def test_production_says_the_same_source(clean: TinyLake) -> None:
    rows = clean.query(
        "SELECT source, min(heure_locale), count(DISTINCT filiere) FROM fct_production_filiere "
        f"WHERE date_locale = DATE '{STOPPED}' GROUP BY 1 ORDER BY 1"
    )
    assert rows == [("ODRÉ", "00:00", 9), ("RTE", "12:00", 9)]


def test_the_quarters_that_rte_prints_empty_add_no_rows_to_a_region_that_odre_has(clean: TinyLake) -> None:
    rows = clean.query(
        "SELECT source, count(*) FROM fct_eco2mix_regional "
        f"WHERE date_locale = DATE '{WRONG_ORDER}' AND code_region = '84' GROUP BY 1"
    )
    assert rows == [("ODRÉ", 48)]


def test_regions_in_the_wrong_order_are_shown_with_what_the_files_of_rte_support(clean: TinyLake) -> None:
    france = clean.query(
        "SELECT date_locale::VARCHAR, lectures_en_ecart, heure_du_plus_grand_ecart, premiere_mw, seconde_mw, rte_mw, "
        "soutien_de_rte, premiere_moyenne_mw = seconde_moyenne_mw FROM meta_ecarts_sources "
        f"WHERE code_region IS NULL AND premier_jeu = '{consumption.NATIONAL}'"
    )
    assert france == [(str(WRONG_ORDER), 2, "08:00", 48_000, 60_000, 48_000, "premier jeu", True)]
    regions = clean.query(
        "SELECT count(*), min(lectures_en_ecart), max(lectures_en_ecart), min(soutien_de_rte) "
        f"FROM meta_ecarts_sources WHERE code_region IS NOT NULL AND premier_jeu = '{consumption.REGIONAL}'"
    )
    assert regions == [(12, 2, 2, "second jeu")]


def test_real_time_that_odre_and_rte_print_otherwise_is_shown(clean: TinyLake) -> None:
    rows = clean.query(
        "SELECT second_jeu, nombre_lectures, lectures_en_ecart, premiere_mw, seconde_mw FROM meta_ecarts_sources "
        f"WHERE premier_jeu = '{NATIONAL_TR}'"
    )
    assert rows == [(RTE_NATIONAL_TR, 48, 48, 48_000, 48_200)]


def test_equal_sets_are_not_shown(clean: TinyLake) -> None:
    assert clean.query(f"SELECT count(*) FROM meta_ecarts_sources WHERE premier_jeu = '{REGIONAL}'") == [(0,)]


def test_a_disagreement_that_is_there_twice_blocks(clean: TinyLake, tmp_path: Path) -> None:
    lake = clean.copy(tmp_path / "lake")
    lake.execute("INSERT INTO meta_ecarts_sources SELECT * FROM meta_ecarts_sources LIMIT 1")
    assert lake.check("meta_ecarts_sources", run=False) == {"meta_ecarts_sources_cle_unique": "fail"}


def test_renewing_a_month_gives_what_a_full_build_gives(clean: TinyLake, tmp_path: Path) -> None:
    lake = clean.copy(tmp_path / "lake")
    tables = ("fct_eco2mix_national", "fct_eco2mix_regional", "fct_production_filiere", "meta_ecarts_sources")
    rows = _rte(national_day(STOPPED), consommation=48_300.0)
    find(rows, STOPPED, "00:00")["consommation"] = 48_000.0
    lake.write(RTE_NATIONAL_TR, rows)
    lake.make(*SELECT, months=("2026-02",))
    renewed = lake.contents(tables)
    lake.make(*SELECT, is_full=True)
    assert lake.contents(tables) == renewed
    assert lake.query("SELECT lectures_en_ecart FROM meta_ecarts_sources WHERE mois = '2026-02'") == [(47,)]


def test_without_a_file_of_rte_it_is_said_that_nobody_decides(clean: TinyLake, tmp_path: Path) -> None:
    lake = clean.copy(tmp_path / "lake")
    lake.drop(RTE_REGIONAL, "2026-01")
    lake.make(*SELECT, months=("2026-01",))
    rows = lake.query("SELECT premier_jeu, soutien_de_rte, rte_mw FROM meta_ecarts_sources WHERE mois = '2026-01'")
    assert rows == [(consumption.NATIONAL, "sans fichier de RTE", None)]


def test_a_day_is_shown_once(clean: TinyLake, tmp_path: Path) -> None:
    lake = clean.copy(tmp_path / "lake")
    assert lake.check("meta_ecarts_sources", run=False) == {}
    lake.execute("INSERT INTO meta_ecarts_sources SELECT * FROM meta_ecarts_sources LIMIT 1")
    assert lake.check("meta_ecarts_sources", run=False) == {"meta_ecarts_sources_cle_unique": "fail"}
    assert lake.checks_of_our_own(("meta_ecarts",)) == {"meta_ecarts_sources_cle_unique"}
