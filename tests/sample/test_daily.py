"""Temperatures, gas storage, commercial exchanges, injections."""

from __future__ import annotations

import duckdb


def test_thirteen_regions_have_a_temperature_on_every_published_day(france: duckdb.DuckDBPyConnection) -> None:
    rows = france.sql("""
        select distinct count(*), count(distinct code_insee_region), max(code_insee_region)
        from temperature_quotidienne_regionale group by date
    """).fetchall()
    assert rows == [(13, 13, 94)]


def test_only_last_days_of_months_are_missing(france: duckdb.DuckDBPyConnection) -> None:
    missing = france.sql("""
        select day::date::text from range(date '2023-01-01', date '2025-12-01', interval 1 day) t(day)
        where day::date not in (select date from temperature_quotidienne_regionale) order by 1
    """).fetchall()
    days = [day for (day,) in missing]
    assert days[:6] == ["2023-01-31", "2023-02-28", "2023-03-31", "2023-05-31", "2023-08-31", "2023-10-31"]
    assert "2024-02-29" in days
    assert len(days) == 18


def test_the_mean_temperature_is_that_of_the_extremes(france: duckdb.DuckDBPyConnection) -> None:
    rows = france.sql("""
        select bool_and(tmin < tmoy and tmoy < tmax), max(abs(tmoy - (tmin + tmax) / 2)) < 0.00501,
               min(tmin) between -25 and 0, max(tmax) between 30 and 45
        from temperature_quotidienne_regionale
    """).fetchall()
    assert rows == [(True, True, True, True)]


def test_the_climate_is_that_of_france(france: duckdb.DuckDBPyConnection) -> None:
    means = dict(france.sql("select region, avg(tmoy) from temperature_quotidienne_regionale group by 1").fetchall())
    assert max(means, key=lambda region: means[region]) == "Corse"
    assert 11 < means["Grand Est"] < means["Occitanie"] < 16
    ((january, july),) = france.sql("""
        select avg(tmoy) filter (month(date) = 1), avg(tmoy) filter (month(date) = 7)
        from temperature_quotidienne_regionale
    """).fetchall()
    assert 3 < january < 9
    assert 18 < july < 24


def test_the_code_and_the_id_of_temperatures_are_typed_as_the_portal_does(france: duckdb.DuckDBPyConnection) -> None:
    rows = france.sql("""
        select typeof(code_insee_region), typeof(date), id from temperature_quotidienne_regionale
        where date = '2025-05-02' and code_insee_region = 53
    """).fetchall()
    assert rows == [("BIGINT", "DATE", "2025-05-02T00:00:00-53")]


def test_temperatures_are_not_sorted(france: duckdb.DuckDBPyConnection) -> None:
    days = [day for (day,) in france.sql("select date from temperature_quotidienne_regionale").fetchall()]
    assert days != sorted(days)


def test_there_are_six_storages_and_terega_is_one_month_late(france: duckdb.DuckDBPyConnection) -> None:
    rows = france.sql("""
        select source, pits, min(date)::date::text, max(date)::date::text, count(*) = count(distinct date)
        from stock_quotidien_stockages_gaz group by 1, 2 order by 1, 2
    """).fetchall()
    until = {"Storengy": "2025-11-30", "Teréga": "2025-10-31"}
    names = [("Storengy", name) for name in ("Centre", "Saline", "Sediane", "Sediane B", "Serene")]
    assert rows == [(*name, "2023-01-01", until[name[0]], True) for name in [*names, ("Teréga", "Teréga")]]


def test_gas_stocks_follow_a_plausible_year(france: duckdb.DuckDBPyConnection) -> None:
    france.execute("""
        create or replace temp table stock as
        select date::date as date, sum(stock_fin_de_journee) as gwh from stock_quotidien_stockages_gaz
        group by 1 having count(*) = 6
    """)
    capacity = 132_600  # GWh
    ((lowest, highest, fastest),) = france.sql("""
        select min(gwh), max(gwh), max(abs(change))
        from (select gwh, gwh - lag(gwh) over (order by date) as change from stock)
    """).fetchall()
    assert 0 < lowest < 0.5 * capacity
    assert highest <= 1.02 * capacity
    assert 300 < fastest <= 2500
    november = france.sql("select gwh from stock where month(date) = 10 and day(date) = 31 order by date").fetchall()
    assert len(november) == 3
    assert all(gwh >= 0.75 * capacity for (gwh,) in november)
    # Flows follow the temperature (measured 2016-2023: 0.75).
    ((correlation,),) = france.sql("""
        with weather as (select date, avg(tmoy) as t from temperature_quotidienne_regionale group by 1),
             flow as (select date, gwh - lag(gwh) over (order by date) as change from stock)
        select corr(change, t) from flow join weather using (date)
    """).fetchall()
    assert 0.6 < correlation < 0.95


def test_every_day_has_24_hours_of_exchanges_from_zero(france: duckdb.DuckDBPyConnection) -> None:
    rows = france.sql("""
        select distinct count(*), count(distinct position), min(position), max(position)
        from imports_exports_commerciaux group by date
    """).fetchall()
    assert rows == [(24, 24, 0, 23)]


def test_exports_are_positive_imports_negative_and_totals_are_sums(france: duckdb.DuckDBPyConnection) -> None:
    rows = france.sql("""
        select count(*) filter (export_france <> fr_gb + fr_cwe + fr_ch + fr_it + fr_es),
               count(*) filter (import_france <> gb_fr::double + cwe_fr + ch_fr + it_fr + es_fr),
               min(least(fr_gb, fr_cwe, fr_ch, fr_it, fr_es)),
               max(greatest(gb_fr::double, cwe_fr, ch_fr, it_fr, es_fr)),
               max(export_france) > 5000, min(import_france) < -500
        from imports_exports_commerciaux
    """).fetchall()
    assert rows == [(0, 0, 0, 0, True, True)]


def test_exchanges_are_those_of_eco2mix(france: duckdb.DuckDBPyConnection) -> None:
    rows = france.sql("""
        select count(*), max(abs(-ech_comm_italie - (fr_it + it_fr)))
        from eco2mix_national_cons_def e
        join imports_exports_commerciaux i
          on e.date = i.date::date::text and e.heure = printf('%02d:00', i.position)
    """).fetchall()
    assert rows == [(1004 * 24, 0)]


def _injections(france: duckdb.DuckDBPyConnection) -> None:
    france.execute("""
        create or replace temp table injection as
        select "Date"::date as date, "Code INSEE région" as code, "Filière" as filiere,
               "Energie journalière (MWh)"::double as mwh
        from injections_regionales_quotidiennes_consolidees_rpt
    """)


def test_injection_keys_are_repeated_two_or_three_times(france: duckdb.DuckDBPyConnection) -> None:
    _injections(france)
    rows = france.sql("""
        select repeats, count(*) / 1035 from (select count(*) as repeats from injection group by date, code, filiere)
        group by 1 order by 1
    """).fetchall()
    assert rows == [(1, 30.0), (2, 1.0), (3, 2.0)]


def test_injections_have_the_six_filieres(france: duckdb.DuckDBPyConnection) -> None:
    _injections(france)
    rows = france.sql("select distinct filiere from injection").fetchall()
    assert {name for (name,) in rows} == {
        "Bioénergies", "Eolien", "Hydraulique", "Nucléaire", "Solaire", "Thermique non renouvelable",
    }  # fmt: skip


def test_injections_are_a_small_part_of_wind_and_nearly_all_of_nuclear(france: duckdb.DuckDBPyConnection) -> None:
    _injections(france)
    shares = dict(
        france.sql("""
            with produced as (
                select 0.5 * sum(eolien::int) as wind, 0.5 * sum(nucleaire) as nuclear from eco2mix_regional_cons_def
            )
            select filiere, sum(mwh) / max(case filiere when 'Eolien' then wind when 'Nucléaire' then nuclear end)
            from injection, produced where date <= '2025-09-30' group by 1 having filiere in ('Eolien', 'Nucléaire')
        """).fetchall()
    )
    assert 0.045 < shares["Eolien"] < 0.055
    assert 0.985 < shares["Nucléaire"] < 0.995
