"""éCO2mix: grids, nulls, natures, future rows, balance, sub-filières, CO2."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.sample import generate

pytestmark = pytest.mark.slow

_LAST_MEASURE = "2025-12-31 11:00+00"  # one hour before the default `now`
_FILIERES = "fioul + charbon + gaz + nucleaire + eolien + solaire + hydraulique + bioenergies"
_BATTERIES = "stockage_batterie + destockage_batterie"


@pytest.fixture(scope="module")
def mix(france: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """The four sets as tables with technical names and numbers, ``ND`` and ``-`` as nulls."""
    labels = {
        "consommation": "Consommation (MW)", "prevision_j1": "Prévision J-1 (MW)", "prevision_j": "Prévision J (MW)",
        "fioul": "Fioul (MW)", "charbon": "Charbon (MW)", "gaz": "Gaz (MW)", "nucleaire": "Nucléaire (MW)",
        "eolien": "Eolien (MW)", "solaire": "Solaire (MW)", "hydraulique": "Hydraulique (MW)",
        "pompage": "Pompage (MW)", "bioenergies": "Bioénergies (MW)", "ech_physiques": "Ech. physiques (MW)",
        "taux_co2": "Taux de CO2 (g/kWh)", "ech_comm_angleterre": "Ech. comm. Angleterre (MW)",
        "stockage_batterie": "Stockage batterie (MW)", "destockage_batterie": "Déstockage batterie (MW)",
        "ech_comm_allemagne_belgique": "Ech. comm. Allemagne-Belgique (MW)",
    }  # fmt: skip
    numbers = ", ".join(f'try_cast("{label}" as int) as {name}' for name, label in labels.items())
    france.execute(f"""
        create or replace temp table ntr as
        select "Nature" as nature, "Date" as date, "Heure" as heure,
               "Date - Heure"::timestamptz as date_heure, {numbers}
        from eco2mix_national_tr
    """)
    for short, view, texts in (
        ("ncd", "eco2mix_national_cons_def",
         ("gaz_cogen", "ech_comm_allemagne_belgique", "eolien_terrestre", "eolien_offshore", "stockage_batterie",
          "destockage_batterie")),
        ("rcd", "eco2mix_regional_cons_def", ("eolien",)),
        ("rtr", "eco2mix_regional_tr", ("pompage", "stockage_batterie", "destockage_batterie")),
    ):  # fmt: skip
        replaced = ", ".join(f"try_cast({name} as int) as {name}" for name in texts)
        france.execute(f"create or replace temp table {short} as select * replace ({replaced}) from {view}")
    return france


def test_the_sets_together_cover_three_years_without_overlap(mix: duckdb.DuckDBPyConnection) -> None:
    for consolidated, real_time in (("ncd", "ntr"), ("rcd", "rtr")):
        days = mix.sql(f"""
            select (select min(date) from {consolidated}), (select max(date) from {consolidated}),
                   (select min(date) from {real_time}), (select max(date) from {real_time})
        """).fetchall()
        assert days == [("2023-01-01", "2025-09-30", "2025-10-01", "2026-01-01")]


@pytest.mark.parametrize(
    ("table", "labels", "series"),
    [("ncd", 96, ""), ("ntr", 96, ""), ("rcd", 48, ", code_insee_region"), ("rtr", 96, ", code_insee_region")],
)
def test_every_day_has_all_its_labels(mix: duckdb.DuckDBPyConnection, table: str, labels: int, series: str) -> None:
    counts = mix.sql(f"select distinct count(*), count(distinct heure) from {table} group by date{series}").fetchall()
    assert counts == [(labels, labels)]


def test_the_fictitious_hour_of_spring_doubles_instants_in_consolidated_sets(mix: duckdb.DuckDBPyConnection) -> None:
    assert mix.sql("select count(*) - count(distinct date_heure) from ncd").fetchall() == [(4 * 3,)]
    doubled = mix.sql("select count(*) - count(distinct (code_insee_region, date_heure)) from rcd").fetchall()
    assert doubled == [(24 * 3,)]


def test_real_time_over_a_spring_change_doubles_four_instants(tmp_path: Path) -> None:
    folder = generate(tmp_path, now=datetime(2024, 4, 15, 12, tzinfo=UTC)).destination
    path = folder / "odre/eco2mix-regional-tr/eco2mix-regional-tr_synthetique.parquet"
    with duckdb.connect() as connection:
        rows = connection.sql(f"""
            select count(*), count(distinct heure), count(distinct date_heure) from '{path}'
            where date = '2024-03-31' and code_insee_region = '11'
        """).fetchall()
    assert rows == [(96, 96, 92)]


def test_natures_go_from_definitive_to_consolidated_once(mix: duckdb.DuckDBPyConnection) -> None:
    for table in ("ncd", "rcd"):
        natures = mix.sql(f"select nature, min(date), max(date) from {table} group by 1 order by 2").fetchall()
        assert natures == [
            ("Données définitives", "2023-01-01", "2023-12-31"),
            ("Données consolidées", "2024-01-01", "2025-09-30"),
        ]
    for table in ("ntr", "rtr"):
        assert mix.sql(f"select distinct nature from {table}").fetchall() == [("Données temps réel",)]


def test_consolidated_quarters_hold_forecasts_only(mix: duckdb.DuckDBPyConnection) -> None:
    rows = mix.sql("""
        select right(heure, 2) in ('00', '30') as on_the_half, count(*), count(consommation), count(nucleaire),
               count(taux_co2), count(ech_comm_angleterre), count(prevision_j1), count(prevision_j)
        from ncd group by 1 order by 1
    """).fetchall()
    count = 1004 * 48
    assert rows == [(False, count, 0, 0, 0, 0, count, count), (True, *[count] * 7)]


def test_future_rows_hold_forecasts_only(mix: duckdb.DuckDBPyConnection) -> None:
    rows = mix.sql(f"""
        select date_heure > '{_LAST_MEASURE}', date > '2025-12-31', count(*) = count(consommation), count(consommation),
               count(nucleaire) + count(ech_physiques) + count(taux_co2) > 0,
               count(*) = count(prevision_j1), count(*) = count(prevision_j), count(prevision_j)
        from ntr where date >= '2025-12-31' group by 1, 2 order by 1, 2
    """).fetchall()
    assert rows == [
        (False, False, True, 49, True, True, True, 49),
        (True, False, False, 0, False, True, True, 47),
        (True, True, False, 0, False, True, False, 0),
    ]
    regional = mix.sql(f"""
        select date_heure > '{_LAST_MEASURE}', count(consommation) = count(*), count(consommation) > 0,
               count(pompage) > 0, count(tco_eolien) > 0
        from rtr group by 1 order by 1
    """).fetchall()
    assert regional == [(False, True, True, True, True), (True, False, False, False, False)]


@pytest.mark.parametrize(("table", "at_the_quarters"), [("ncd", (False, False)), ("ntr", (True, True))])
def test_commercial_exchanges_are_quarter_hourly_in_real_time_only(
    mix: duckdb.DuckDBPyConnection, table: str, at_the_quarters: tuple[bool, bool]
) -> None:
    rows = mix.sql(f"""
        select right(heure, 2) in ('00', '30'), count(ech_comm_angleterre) = count(*), count(ech_comm_angleterre) > 0
        from {table} where date_heure <= '{_LAST_MEASURE}' group by 1 order by 1
    """).fetchall()
    assert rows == [(False, *at_the_quarters), (True, True, True)]


@pytest.mark.parametrize("table", ["ncd", "ntr"])
def test_the_national_balance_is_exact(mix: duckdb.DuckDBPyConnection, table: str) -> None:
    rows = mix.sql(f"""
        select count(*) > 5000, max(abs(consommation - ({_FILIERES} + pompage + ech_physiques + {_BATTERIES})))
        from {table} where consommation + stockage_batterie is not null
    """).fetchall()
    assert rows == [(True, 0)]


@pytest.mark.parametrize("table", ["rcd", "rtr"])
def test_the_regional_balance_is_exact(mix: duckdb.DuckDBPyConnection, table: str) -> None:
    rows = mix.sql(f"""
        select count(*) > 50000, max(abs(
                   consommation - (thermique + case when nucleaire is null then 0 else nucleaire end + eolien + solaire
                   + hydraulique + bioenergies + pompage + ech_physiques + {_BATTERIES})))
        from {table} where consommation + stockage_batterie is not null
    """).fetchall()
    assert rows == [(True, 0)]


@pytest.mark.parametrize(("regional", "national"), [("rcd", "ncd"), ("rtr", "ntr")])
def test_regions_sum_up_to_the_nation(mix: duckdb.DuckDBPyConnection, regional: str, national: str) -> None:
    rows = mix.sql(f"""
        with total as (
            select date, heure, sum(consommation) as mw, sum(nucleaire) as nuclear, sum(ech_physiques) as balance
            from {regional} where consommation is not null group by all
        )
        select count(*) > 8000, max(abs(t.mw - n.consommation)), max(abs(t.nuclear - n.nucleaire)),
               max(abs(t.balance - n.ech_physiques))
        from total t join {national} n using (date, heure)
    """).fetchall()
    assert rows == [(True, 0, 0, 0)]


def test_eco2mix_and_gross_consumption_agree(mix: duckdb.DuckDBPyConnection) -> None:
    rows = mix.sql("""
        select count(*), max(abs(g.consommation_brute_electricite_rte - r.consommation))
        from rcd r join consommation_quotidienne_brute_regionale g using (code_insee_region, date, heure)
    """).fetchall()
    assert rows == [(1004 * 48 * 12, 0)]


@pytest.mark.parametrize("table", ["ncd", "ntr", "rcd", "rtr"])
def test_pumping_is_negative_and_happens(mix: duckdb.DuckDBPyConnection, table: str) -> None:
    ((least, most),) = mix.sql(f"select min(pompage), max(pompage) from {table}").fetchall()
    assert least < -100
    assert most == 0


@pytest.mark.parametrize("table", ["ncd", "rtr"])
def test_batteries_are_small_and_charge_with_a_minus(mix: duckdb.DuckDBPyConnection, table: str) -> None:
    ((charge, idle, still, discharge),) = mix.sql(f"""
        select min(stockage_batterie), max(stockage_batterie), min(destockage_batterie), max(destockage_batterie)
        from {table}
    """).fetchall()
    assert -500 < charge < 0 == idle
    assert still == 0 < discharge < 500


def test_sub_filieres_sum_up_to_their_filiere(mix: duckdb.DuckDBPyConnection) -> None:
    for filiere, parts in {
        "fioul": "fioul_tac + fioul_cogen + fioul_autres",
        "gaz": "gaz_tac + gaz_cogen + gaz_ccg + gaz_autres",
        "hydraulique": "hydraulique_fil_eau_eclusee + hydraulique_lacs + hydraulique_step_turbinage",
        "bioenergies": "bioenergies_dechets + bioenergies_biomasse + bioenergies_biogaz",
        "eolien": "eolien_terrestre + eolien_offshore",
    }.items():
        wrong = mix.sql(f"""
            select count(*) from ncd where consommation is not null and ({filiere} = {parts}) is not true
        """).fetchall()
        assert wrong == [(0,)], filiere
    wrong = mix.sql("""
        select count(*) from rcd where (eolien = eolien_terrestre + eolien_offshore) is not true
    """).fetchall()
    assert wrong == [(0,)]
    least = mix.sql("select least(min(gaz_ccg), min(fioul_autres), min(bioenergies_biogaz)) >= 0 from ncd").fetchall()
    assert least == [(True,)]


@pytest.mark.parametrize(("table", "produced"), [("ncd", f"{_FILIERES} + pompage"), ("ntr", _FILIERES)])
def test_the_rate_of_co2_follows_the_formula_of_rte(mix: duckdb.DuckDBPyConnection, table: str, produced: str) -> None:
    ((worst, lowest, highest),) = mix.sql(f"""
        select max(abs(taux_co2 - (986 * charbon + 777 * fioul + 429 * gaz + 494 * bioenergies)
                                  / ({produced}))), min(taux_co2), max(taux_co2)
        from {table} where consommation is not null
    """).fetchall()
    assert worst <= 0.51
    assert 5 < lowest < highest < 150


def test_regions_without_a_reactor_have_no_nuclear_value(mix: duckdb.DuckDBPyConnection) -> None:
    for table in ("rcd", "rtr"):
        rows = mix.sql(f"""
            select code_insee_region from {table} group by 1 having count(nucleaire) > 0 order by 1
        """).fetchall()
        assert [code for (code,) in rows] == ["24", "28", "32", "44", "75", "76", "84"]
        assert mix.sql(f"select count(tco_nucleaire) from {table} where code_insee_region = '11'").fetchall() == [(0,)]


def test_rates_are_null_in_the_first_year_and_computed_from_then_on(mix: duckdb.DuckDBPyConnection) -> None:
    rows = mix.sql("""
        select left(date, 4), count(tco_eolien) = 0, count(tch_eolien) = count(*),
               max(abs(tco_eolien - 100 * eolien / consommation)) < 0.006
        from rcd group by 1 order by 1
    """).fetchall()
    assert rows == [("2023", True, False, None), ("2024", False, True, True), ("2025", False, True, True)]


def test_not_available_is_printed_nd_in_columns_that_are_text(france: duckdb.DuckDBPyConnection) -> None:
    for view, name, count in (
        ("eco2mix_national_cons_def", "ech_comm_allemagne_belgique", 33),
        ("eco2mix_national_cons_def", "stockage_batterie", 33),
        ("eco2mix_national_tr", '"Ech. comm. Allemagne-Belgique (MW)"', 3),
        ("eco2mix_regional_tr", "stockage_batterie", 36),
    ):
        assert france.sql(f"select count(*) from {view} where {name} = 'ND'").fetchall() == [(count,)], view


def test_columns_typed_as_text_by_the_portal_are_text(france: duckdb.DuckDBPyConnection) -> None:
    for view, name in (
        ("eco2mix_regional_tr", "pompage"),
        ("eco2mix_regional_cons_def", "eolien"),
        ("eco2mix_national_cons_def", "gaz_cogen"),
    ):
        assert france.sql(f"select distinct typeof({name}) from {view}").fetchall() == [("VARCHAR",)]


def test_forecasts_err_as_those_of_rte(mix: duckdb.DuckDBPyConnection) -> None:
    rows = mix.sql("""
        select left(date, 4), 100 * avg(abs(prevision_j1 / consommation - 1)),
               100 * avg(abs(prevision_j / consommation - 1))
        from ncd where consommation is not null group by 1
    """).fetchall()
    assert len(rows) == 3
    for _, day_before, same_day in rows:
        assert 1.2 < day_before < 2.3  # by year, measured 2013-2021 and published
        assert 0.3 < same_day < 1.0


def test_the_real_time_export_is_not_sorted(france: duckdb.DuckDBPyConnection) -> None:
    stamps = [stamp for (stamp,) in france.sql('select "Date - Heure" from eco2mix_national_tr').fetchall()]
    assert stamps != sorted(stamps)
    assert len(stamps) == 93 * 96
