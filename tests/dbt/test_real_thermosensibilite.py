"""Weather sensitivity on the files that the portals published, against published figures and a second computation."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from tests.dbt.lakes import BuiltLake
from tests.dbt.thermosensibilite import Measured, between, daily, regress

pytestmark = [pytest.mark.real, pytest.mark.slow]

# 2018-07 to 2019-06 is the one heating year that the files hold whole for France and for each région.
COMMON = (date(2018, 7, 1), date(2019, 6, 30))


def figures(lake: BuiltLake, columns: str, where: str) -> list[tuple[object, ...]]:
    """Return columns of the sensitivities."""
    return lake.query(f"SELECT {columns} FROM mart_thermosensibilite WHERE {where} ORDER BY code_territoire")


def frame(lake: BuiltLake, names: str, sql: str) -> pd.DataFrame:
    """Return a query as a frame; the first column is a day."""
    columns = names.split()
    table = pd.DataFrame(lake.query(sql), columns=columns)
    return table.assign(jour=pd.to_datetime(table["jour"]))


def measured_again(lake: BuiltLake, code: str, energy: str) -> pd.DataFrame:
    """Return the days of a territory, made from its readings."""
    is_gas = energy == "gaz"
    if code == "FR":
        readings, weather = "fct_consommation_nationale WHERE true", "fct_temperature_regionale WHERE true"
        holiday = "est_vacances_zone_a::INT + est_vacances_zone_b::INT + est_vacances_zone_c::INT"
    else:
        readings = f"fct_consommation_regionale WHERE code_region = '{code}'"
        weather = f"fct_temperature_regionale WHERE code_region = '{code}'"
        ((zone,),) = lake.query(
            f"SELECT zone_scolaire FROM pont_region_zone_scolaire WHERE code_region = '{code}' AND valide_au IS NULL"
        )
        holiday = f"est_vacances_zone_{zone.lower()}::INT"
    power = "consommation_gaz_mw" if is_gas else "consommation_electricite_mw"
    half_hours = frame(
        lake,
        "jour mw",
        f"SELECT date_locale, {power} FROM {readings} AND NOT est_heure_fictive AND {power} IS NOT NULL",
    )
    # Whole watts are lost in the tables, half of one at most: far below the tolerance.
    temperatures = frame(
        lake, "jour t", f"SELECT date, avg(temperature_moyenne_c) FROM {weather} GROUP BY 1 ORDER BY 1"
    )
    calendar = frame(
        lake,
        "jour attendus type vacances",
        f"SELECT date, nombre_heures * {1 if is_gas else 2}, CASE WHEN est_pont THEN 'pont' ELSE type_jour END, "
        f"{holiday} FROM dim_date",
    )
    return daily(half_hours, temperatures, calendar)


def test_national_slope_and_threshold_are_those_that_are_published(real_lake: BuiltLake) -> None:
    ((slope, threshold, reliable),) = figures(
        real_lake,
        "gradient_chauffage_mw_par_c, seuil_chauffage_c, est_fiable",
        "maille = 'nation' AND energie = 'electricite' AND periode = 'ensemble'",
    )
    assert isinstance(slope, float)
    assert isinstance(threshold, float)
    assert 2200 <= slope <= 2600
    assert 14 <= threshold <= 16
    assert reliable


def test_gas_follows_the_cold_two_to_three_times_as_much(real_lake: BuiltLake) -> None:
    slopes = dict(
        real_lake.query(
            "SELECT energie, gradient_chauffage_mw_par_c FROM mart_thermosensibilite "
            "WHERE maille = 'nation' AND periode = 'ensemble'"
        )
    )
    assert 2 <= slopes["gaz"] / slopes["electricite"] <= 3


def test_regions_stand_where_they_are_known_to(real_lake: BuiltLake) -> None:
    absolute = real_lake.query("SELECT code_region FROM mart_priorite_isolation ORDER BY gradient_mw_par_c DESC")
    assert len(absolute) == 12
    assert (absolute[0], absolute[-1]) == (("11",), ("27",))
    ranks = dict(real_lake.query("SELECT code_region, rang FROM mart_priorite_isolation"))
    worst = dict(real_lake.query("SELECT code_region, rang_ic95_pire FROM mart_priorite_isolation"))
    best = dict(real_lake.query("SELECT code_region, rang_ic95_meilleur FROM mart_priorite_isolation"))
    for west in ("53", "76"):
        assert ranks[west] < ranks["44"]
        assert worst[west] < best["44"]
    # No census among the files: nothing is said per dwelling.
    assert real_lake.query(
        "SELECT DISTINCT critere, gradient_kwh_jour_c_logement, rang_par_logement FROM mart_priorite_isolation"
    ) == [("relatif", None, None)]


def test_regions_add_up_to_france_on_the_same_days(real_lake: BuiltLake) -> None:
    ((regions, nation),) = real_lake.query(
        "SELECT sum(gradient_chauffage_mw_par_c) FILTER (maille = 'region'), "
        "sum(gradient_chauffage_mw_par_c) FILTER (maille = 'nation') FROM mart_thermosensibilite "
        "WHERE energie = 'electricite' AND periode = '2018-2019' AND nombre_jours = 364"
    )
    assert regions == pytest.approx(nation, rel=0.05)


def test_cooling_shows_in_the_south_and_not_in_the_west(real_lake: BuiltLake) -> None:
    shows = {
        code
        for (code,) in figures(
            real_lake,
            "code_territoire",
            "maille = 'region' AND energie = 'electricite' AND periode = 'ensemble' "
            "AND gradient_climatisation_mw_par_c IS NOT NULL",
        )
    }
    assert {"93", "76", "84", "11"} <= shows
    assert not {"53", "28"} & shows
    assert real_lake.query(
        "SELECT count(*) FROM mart_thermosensibilite "
        "WHERE energie = 'gaz' AND est_fiable AND gradient_climatisation_mw_par_c IS NOT NULL"
    ) == [(0,)]


@pytest.mark.parametrize(
    ("code", "energy"),
    [("FR", "electricite"), ("FR", "gaz"), ("11", "electricite"), ("27", "electricite"), ("53", "electricite")],
)
@pytest.mark.parametrize("period", ["ensemble", "2018-2019"])
def test_a_second_computation_from_the_half_hours_agrees(
    real_lake: BuiltLake, code: str, energy: str, period: str
) -> None:
    days = measured_again(real_lake, code, energy)
    again: Measured = regress(days if period == "ensemble" else between(days, *COMMON))
    ((slope, low, high, heating, cooling, count),) = real_lake.query(
        "SELECT gradient_chauffage_mw_par_c, gradient_chauffage_ic95_bas_mw_par_c, "
        "gradient_chauffage_ic95_haut_mw_par_c, seuil_chauffage_c, seuil_climatisation_c, nombre_jours "
        f"FROM mart_thermosensibilite WHERE code_territoire = '{code}' AND energie = '{energy}' "
        f"AND periode = '{period}'"
    )
    # The tolerance; measured: the same to six digits.
    assert slope == pytest.approx(again.slope, rel=0.05)
    assert (heating, cooling, count) == (again.heating_below, again.cooling_above, again.days)
    # Errors that know of autocorrelation are wider than those that do not.
    assert low < again.ordinary[0] < again.ordinary[1] < high
    assert (low, high) == pytest.approx(again.robust, rel=0.01)


@pytest.mark.parametrize(
    ("code", "year", "degree_days"),
    [("11", 2018, 2116), ("11", 2021, 2306), ("11", 2022, 1950), ("93", 2021, 1767), ("94", 2018, 1103)],
)
def test_degree_days_are_those_of_the_reference(real_lake: BuiltLake, code: str, year: int, degree_days: float) -> None:
    rows = real_lake.query(
        "SELECT degres_jours_c FROM mart_degres_jours "
        f"WHERE code_territoire = '{code}' AND annee = {year} AND base_c = 18"
    )
    assert len(rows) == 2
    assert [value for (value,) in rows] == pytest.approx([degree_days] * 2, abs=0.6)


def test_a_year_without_its_month_end_says_so(real_lake: BuiltLake) -> None:
    assert real_lake.query(
        "SELECT annee, nombre_jours_attendus - nombre_jours, est_complet FROM mart_degres_jours "
        "WHERE maille = 'nation' AND base_c = 18 AND methode = 'moyenne publiée' AND annee BETWEEN 2020 AND 2021 "
        "ORDER BY 1"
    ) == [(2020, 0, True), (2021, 1, False)]
