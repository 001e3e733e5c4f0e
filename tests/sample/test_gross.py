"""Gross consumption: labels, clock changes, gas at full hours, sums, statuses."""

from __future__ import annotations

import codecs

import duckdb
import pytest

from dataelec_assets.sample import Summary

MAINLAND = ["11", "24", "27", "28", "32", "44", "52", "53", "75", "76", "84", "93"]
_NATIONAL = """
    select "Date - Heure"::timestamptz as date_heure, strptime("Date", '%d/%m/%Y')::date as date, "Heure" as heure,
           "Consommation brute gaz (MW PCS 0°C) - NaTran"::int as natran,
           "Consommation brute gaz (MW PCS 0°C) - Teréga"::int as terega,
           "Consommation brute gaz totale (MW PCS 0°C)"::int as gaz,
           "Consommation brute électricité (MW) - RTE"::int as mw,
           "Consommation brute totale (MW)"::int as totale,
           "Statut - NaTran" as statut_natran, "Statut - RTE" as statut, flag_ignore
    from consommation_quotidienne_brute
"""


@pytest.fixture(scope="module")
def gross(france: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    france.execute(f"create or replace temp table national as {_NATIONAL}")
    france.execute("create or replace temp table regional as from consommation_quotidienne_brute_regionale")
    return france


def test_the_national_file_looks_like_the_published_one(summary: Summary) -> None:
    (path,) = (file.path for file in summary.files if file.dataset_id == "consommation-quotidienne-brute")
    content = path.read_bytes()
    assert content.startswith(codecs.BOM_UTF8)
    lines = content.decode("utf-8-sig").split("\r\n")
    assert lines[0].startswith("Date - Heure;Date;Heure;Consommation brute gaz (MW PCS 0°C) - NaTran;Statut - NaTran;")
    assert lines[1].startswith("2025-10-31T22:30:00+00:00;31/10/2025;23:30;;;;;;")
    assert lines[-1] == ""
    stamps = [line[:25] for line in lines[1:-1]]
    assert stamps == sorted(stamps, reverse=True)


@pytest.mark.parametrize("table", ["national", "regional"])
def test_every_day_has_48_labels_clock_changes_included(gross: duckdb.DuckDBPyConnection, table: str) -> None:
    series = "" if table == "national" else ", code_insee_region"
    counts = gross.sql(f"""
        select distinct count(*), count(distinct heure), min(heure), max(heure) from {table} group by date{series}
    """)
    assert counts.fetchall() == [(48, 48, "00:00", "23:30")]


def test_there_are_twelve_regions_without_corse(gross: duckdb.DuckDBPyConnection) -> None:
    rows = gross.sql("select distinct code_insee_region from regional order by 1").fetchall()
    assert [code for (code,) in rows] == MAINLAND


def test_the_history_covers_three_years_and_ends_two_months_ago(gross: duckdb.DuckDBPyConnection) -> None:
    days = gross.sql("select min(date)::text, max(date)::text, count(distinct date) from national").fetchall()
    assert days == [("2023-01-01", "2025-10-31", 1035)]


def test_in_spring_two_labels_share_an_instant_with_other_values(gross: duckdb.DuckDBPyConnection) -> None:
    shared = gross.sql("""
        select a.date::text, a.heure, b.heure, a.mw <> b.mw from national a join national b using (date_heure)
        where a.heure < b.heure order by 1, 2
    """).fetchall()
    springs = ("2023-03-26", "2024-03-31", "2025-03-30")
    assert shared == [(day, *labels, True) for day in springs for labels in (("02:00", "03:00"), ("02:30", "03:30"))]
    pairs = gross.sql("select count(*) - count(distinct (code_insee_region, date_heure)) from regional").fetchall()
    assert pairs == [(24 * 3,)]


def test_in_spring_the_broken_values_of_the_real_file_are_there(gross: duckdb.DuckDBPyConnection) -> None:
    ((paris,),) = gross.sql("""
        select max(consommation_brute_electricite_rte) filter (heure = '02:30')
             / max(consommation_brute_electricite_rte) filter (heure = '03:00')
        from regional where date = '2025-03-30' and code_insee_region = '11'
    """).fetchall()
    ((terega,),) = gross.sql("""
        select max(terega) filter (heure = '02:00') / max(terega) filter (heure = '03:00')
        from national where date = '2025-03-30'
    """).fetchall()
    assert 0.3 < paris < 0.6
    assert terega < 0.2


def test_in_autumn_the_first_pass_is_missing(gross: duckdb.DuckDBPyConnection) -> None:
    rows = gross.sql("""
        select heure, strftime(date_heure, '%H:%M') from national
        where date = '2024-10-27' and heure between '01:30' and '02:30' order by heure
    """).fetchall()
    assert rows == [("01:30", "23:30"), ("02:00", "01:00"), ("02:30", "01:30")]


def test_gas_and_totals_are_published_at_full_hours_only(gross: duckdb.DuckDBPyConnection) -> None:
    for table, names in {
        "national": ("natran", "terega", "gaz", "totale", "statut_natran"),
        "regional": ("consommation_brute_gaz_grtgaz", "consommation_brute_gaz_totale", "consommation_brute_totale",
                     "statut_grtgaz"),
    }.items():  # fmt: skip
        for name in names:
            found = gross.sql(f"select distinct right(heure, 2) = '00', {name} is not null from {table} order by 1")
            assert found.fetchall() == [(False, False), (True, True)], (table, name)


def test_electricity_is_published_at_every_label(gross: duckdb.DuckDBPyConnection) -> None:
    nulls = gross.sql("select count(*) from regional where consommation_brute_electricite_rte is null").fetchall()
    assert nulls == [(0,)]


def test_terega_serves_three_regions(gross: duckdb.DuckDBPyConnection) -> None:
    rows = gross.sql("""
        select distinct code_insee_region from regional
        where consommation_brute_gaz_terega is not null or statut_terega is not null order by 1
    """).fetchall()
    assert rows == [("75",), ("76",), ("84",)]


def test_totals_are_sums(gross: duckdb.DuckDBPyConnection) -> None:
    wrong = gross.sql("select count(*) from national where gaz <> natran + terega or totale <> gaz + mw").fetchall()
    assert wrong == [(0,)]
    wrong = gross.sql("""
        select count(*) from regional
        where consommation_brute_gaz_totale
              <> consommation_brute_gaz_grtgaz + case when consommation_brute_gaz_terega is null then 0
                                                      else consommation_brute_gaz_terega end
           or consommation_brute_totale <> consommation_brute_gaz_totale + consommation_brute_electricite_rte
    """).fetchall()
    assert wrong == [(0,)]


def test_the_nation_is_the_exact_sum_of_its_regions(gross: duckdb.DuckDBPyConnection) -> None:
    compared = gross.sql("""
        with total as (
            select date::date as date, heure, sum(consommation_brute_electricite_rte) as mw,
                   sum(consommation_brute_gaz_totale) as gaz
            from regional group by all
        )
        select count(*), count(*) filter (n.mw <> t.mw or n.gaz is distinct from t.gaz)
        from national n join total t using (date, heure)
    """).fetchall()
    assert compared == [(1035 * 48, 0)]


def test_old_days_are_definitive_and_gas_settles_first(gross: duckdb.DuckDBPyConnection) -> None:
    rows = gross.sql("""
        select year(date), statut, statut_natran from national where heure = '00:00' group by all order by 1
    """).fetchall()
    assert rows == [
        (2023, "Définitif", "Définitif"),
        (2024, "Consolidé", "Définitif"),
        (2025, "Consolidé", "Consolidé"),
    ]


def test_load_stays_within_what_france_has_known(gross: duckdb.DuckDBPyConnection) -> None:
    ((lowest, highest),) = gross.sql("select min(mw), max(mw) from national").fetchall()
    assert 25_000 < lowest < 33_000
    assert 75_000 < highest < 105_000


def test_a_year_is_about_that_of_france(gross: duckdb.DuckDBPyConnection) -> None:
    ((electricity, gas),) = gross.sql("""
        select sum(mw) * 0.5 / 1e6, sum(gaz) / 1e6 from national where year(date) = 2024
    """).fetchall()
    # Published for 2024: 441.6 TWh and 361.7 TWh.
    assert electricity == pytest.approx(441.6, rel=0.06)
    assert gas == pytest.approx(361.7, rel=0.15)
