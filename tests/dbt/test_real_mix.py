"""Mix, questions and decomposition on the published files, recomputed with pandas, SciPy and statsmodels alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from dataelec_assets.warehouse.project import PROJECT_DIR
from tests.dbt.eco2mix import NATIONAL_TR
from tests.dbt.lakes import BuiltLake

pytestmark = [pytest.mark.real, pytest.mark.slow]

_LAG = "question_stock_temperature WHERE forme = '{form}' AND transformation = '{kind}' AND methode = '{method}'"


@pytest.fixture(scope="module")
def days(real_data: Path) -> pd.DataFrame:
    """Return temperature and gas stock by day, read from the published files by pandas: one column each, every day."""
    (weather,) = (real_data / "odre" / "temperature-quotidienne-regionale").glob("*.parquet")
    temperature = pd.read_parquet(weather).groupby("date")["tmoy"].agg(["mean", "count"])
    (stocks,) = (real_data / "odre" / "stock-quotidien-stockages-gaz").glob("*.csv")
    stock = pd.read_csv(stocks, sep=";").groupby("date")["stock_fin_de_journee"].agg(["sum", "count"])
    return (
        pd.DataFrame(
            {
                "t": temperature["mean"][temperature["count"] == 13].rename(index=pd.Timestamp),
                "stock": stock["sum"][stock["count"] == 6].rename(index=pd.Timestamp),
            }
        )
        .asfreq("D")
        .assign(flow=lambda frame: frame["stock"].diff())
    )


def test_no_check_blocks(real_lake: BuiltLake) -> None:
    assert {name for name, each in real_lake.results.items() if each.status not in ("success", "pass", "warn")} == set()


def test_every_day_has_its_rate_of_co2_and_shares_make_a_hundred(real_lake: BuiltLake) -> None:
    ((days, rates, worst_share, whole),) = real_lake.query(
        "SELECT count(*), count(taux_co2_g_par_kwh) FILTER (couverture_co2_pct > 99.999), "
        "max(abs((SELECT sum(part_pct) FROM mart_mix_jour AS mix WHERE mix.date = bilan.date "
        "AND mix.code_territoire = bilan.code_territoire) - 100)), bool_and(est_complet) "
        "FROM mart_mix_bilan_jour AS bilan WHERE code_territoire = 'FR' AND date BETWEEN '2021-12-01' AND '2021-12-31'"
    )
    assert (days, rates, whole) == (31, 31, True)
    assert worst_share < 0.01


def test_december_2021_is_what_its_file_says(real_lake: BuiltLake, real_data: Path) -> None:
    (file,) = (real_data / "odre" / NATIONAL_TR).glob("*_2021-12.csv")
    rows = pd.read_csv(file, sep=";")
    labels = ("Nucléaire", "Eolien", "Solaire", "Hydraulique", "Bioénergies", "Gaz", "Charbon", "Fioul")
    # A quarter of an hour each.
    energies = {
        label.lower().replace("é", "e"): float(rows[f"{label} (MW)"].astype(float).sum()) / 4 for label in labels
    }
    produced = rows[[f"{label} (MW)" for label in labels]].astype(float).sum(axis=1)
    weighted = float((rows["Taux de CO2 (g/kWh)"] * produced).sum() / produced.sum())
    found = dict(
        real_lake.query(
            "SELECT filiere, energie_mwh FROM mart_mix_periode WHERE code_territoire = 'FR' AND type_periode = 'mois' "
            "AND debut = '2021-12-01'"
        )
    )
    assert found == pytest.approx(energies)
    ((production, co2, covered, complete),) = real_lake.query(
        "SELECT production_mwh, taux_co2_g_par_kwh, couverture_co2_pct, est_complete "
        "FROM mart_mix_bilan_periode WHERE code_territoire = 'FR' AND type_periode = 'mois' AND debut = '2021-12-01'"
    )
    assert production == pytest.approx(sum(energies.values()))
    assert co2 == pytest.approx(weighted)
    assert covered == pytest.approx(100)
    assert real_lake.query("SELECT taux_co2_g_par_kwh FROM mart_co2_controle") == [(pytest.approx(weighted),)]
    assert complete


def test_the_recipe_of_the_page_gives_what_the_month_does(real_lake: BuiltLake) -> None:
    page = (PROJECT_DIR.parent / "docs" / "methods" / "mix.md").read_text(encoding="utf-8")
    (recipe,) = re.findall(r"```sql\n(.+?)```", page, re.DOTALL)
    found = {filiere: (energy, share) for filiere, energy, share in real_lake.query(recipe)}
    month = real_lake.query(
        "SELECT filiere, energie_mwh, part_pct FROM mart_mix_periode WHERE code_territoire = 'FR' "
        "AND type_periode = 'mois' AND debut = '2021-12-01'"
    )
    assert len(month) == 8
    for filiere, energy, share in month:
        assert found[filiere] == (pytest.approx(energy), pytest.approx(share))


def _by_lag(real_lake: BuiltLake, **wanted: str) -> dict[int, float]:
    return dict(
        real_lake.query(f"SELECT decalage_jours, effet FROM mart_{_LAG.format(**wanted)} AND serie_x LIKE '%_c'")
    )


def test_the_stock_follows_the_weather_by_a_season_and_its_flow_at_once(
    real_lake: BuiltLake, days: pd.DataFrame
) -> None:
    level = _by_lag(real_lake, form="niveau", kind="brute", method="pearson")
    assert level[0] == pytest.approx(0.23, abs=0.05)
    assert min(level[lag] for lag in (60, 65, 70, 75, 80, 85, 90)) >= 0.8
    for lag in (0, 30, 75, 90):
        assert level[lag] == pytest.approx(days["stock"].corr(days["t"].shift(lag)), abs=1e-9)
        ranks = days["stock"].corr(days["t"].shift(lag), method="spearman")
        assert _by_lag(real_lake, form="niveau", kind="brute", method="spearman")[lag] == pytest.approx(ranks, abs=1e-4)


def test_the_flow_goes_with_the_weather_of_the_day(real_lake: BuiltLake, days: pd.DataFrame) -> None:
    ((flow, low, high, effective, count),) = real_lake.query(
        f"SELECT effet, ic95_bas, ic95_haut, nombre_effectif, nombre_jours "
        f"FROM mart_{_LAG.format(form='flux', kind='brute', method='pearson')} "
        "AND decalage_jours = 0 AND serie_x = 'temperature_moyenne_c'"
    )
    assert flow == pytest.approx(0.75, abs=0.02)
    assert flow == pytest.approx(days["flow"].corr(days["t"]), abs=1e-9)
    assert low < flow < high
    # Seven years in which the seasons return: a dozen facts, not 2,493.
    assert 5 < effective < 50
    assert count == int((days["flow"].notna() & days["t"].notna()).sum())
    winter = days[pd.DatetimeIndex(days.index).month.isin([11, 12, 1, 2, 3])].dropna()
    fit = sm.OLS(winter["flow"], sm.add_constant(winter["t"])).fit()
    ((slope,),) = real_lake.query(
        f"SELECT effet FROM mart_{_LAG.format(form='flux', kind='brute', method='pente')} "
        "AND serie_x = 'temperature_novembre_mars_c'"
    )
    assert slope == pytest.approx(113, abs=2)
    assert slope == pytest.approx(fit.params["t"], rel=1e-9)


def test_without_the_seasons_flow_and_weather_still_go_together(real_lake: BuiltLake, days: pd.DataFrame) -> None:
    # The same regressors, fitted by statsmodels on each series by itself.
    def rest(series: Any) -> Any:
        angle = 2 * np.pi * (series.index.day_of_year - 1) / 365.2425
        waves = np.column_stack([wave(k * angle) for k in (1, 2, 3) for wave in (np.cos, np.sin)])
        return sm.OLS(series, sm.add_constant(waves), missing="drop").fit().resid

    # Each series has its own days: the stock begins in 2010, the temperatures end in 2025.
    ((flow, conclusive),) = real_lake.query(
        f"SELECT effet, est_concluant FROM mart_{_LAG.format(form='flux', kind='desaisonnalisee', method='pearson')} "
        "AND decalage_jours = 0"
    )
    assert flow == pytest.approx(rest(days["flow"]).corr(rest(days["t"])), abs=1e-6)
    assert 0.2 < flow < 0.6
    assert conclusive


def test_what_the_files_are_too_short_for_is_said(real_lake: BuiltLake) -> None:
    # A month of éCO2mix and no commercial exchange.
    assert real_lake.query(
        "SELECT DISTINCT effet, motif FROM mart_question_filieres_temperature WHERE transformation = 'desaisonnalisee'"
    ) == [(None, "moins de deux années de chaque mois : pas de climatologie")]
    assert real_lake.query(
        "SELECT count(*) FROM mart_question_echanges_stock WHERE serie_y LIKE '%commercial%' AND motif IS NULL"
    ) == [(0,)]


def test_the_decomposition_of_france_is_that_of_statsmodels(real_lake: BuiltLake) -> None:
    columns = "date, energie_mwh, temperature_lissee_c, mois_de_annee, type_jour, est_pont, part_vacances"
    rows = real_lake.query(
        f"SELECT {columns} FROM intermediate.int_decomposition_jours "
        "WHERE code_region = 'FR' AND energie = 'electricite' ORDER BY date"
    )
    frame = pd.DataFrame(rows, columns=columns.split(", ")).dropna()
    found = {
        row[0]: row[1:]
        for row in real_lake.query(
            "SELECT facteur, contribution_mwh, contribution_ic95_haut_mwh, contribution_part_variance_pct, "
            "seuil_chauffage_c, seuil_climatisation_c, r2, reference_mwh, energie_totale_mwh "
            "FROM mart_decomposition_consommation WHERE code_region = 'FR' AND energie = 'electricite'"
        )
    }
    heating, cooling, r2, reference, total = found["residu"][3:]
    assert 14 <= heating <= 16
    when = pd.to_datetime(frame["date"])
    design = pd.DataFrame(
        {
            "temperature_chauffage": (heating - frame["temperature_lissee_c"]).clip(lower=0),
            "temperature_climatisation": (frame["temperature_lissee_c"] - cooling).clip(lower=0),
            "type_de_jour_1": frame["type_jour"].eq("samedi"),
            "type_de_jour_2": frame["type_jour"].eq("dimanche"),
            "feries_1": frame["type_jour"].eq("férié"),
            "feries_2": frame["est_pont"],
            "vacances_1": frame["part_vacances"] * ~frame["mois_de_annee"].isin([7, 8]),
            "vacances_2": frame["part_vacances"] * frame["mois_de_annee"].eq(7),
            "vacances_3": frame["part_vacances"] * frame["mois_de_annee"].eq(8),
            "tendance": (when - when.iloc[0]).dt.days / 365.2425,
        }
    ).astype(float)
    fit = sm.OLS(frame["energie_mwh"], sm.add_constant(design)).fit(
        cov_type="HAC", cov_kwds={"maxlags": 7, "use_correction": False}
    )
    assert r2 == pytest.approx(fit.rsquared, rel=1e-6)
    assert reference == pytest.approx(len(frame) * fit.params["const"], rel=1e-6)
    assert reference + sum(row[0] for row in found.values()) == pytest.approx(total, rel=1e-9)
    assert sum(row[2] for row in found.values()) == pytest.approx(100, abs=0.01)
    for factor in set(found) - {"residu"}:
        weights = design.sum().where(design.columns.str.startswith(factor), 0.0)
        expected = float(weights @ fit.params[1:])
        error = float(np.sqrt(weights @ fit.cov_params().iloc[1:, 1:] @ weights))
        assert found[factor][0] == pytest.approx(expected, rel=1e-3), factor
        assert found[factor][1] == pytest.approx(expected + 1.96 * error, rel=1e-3, abs=1000), factor
    # Cold days and weekends go with most of what makes days differ.
    assert found["temperature_chauffage"][2] > 60
    assert found["type_de_jour"][2] > found["feries"][2]


def test_regions_have_their_decomposition_and_the_island_that_is_not_covered_has_none(real_lake: BuiltLake) -> None:
    rows = dict(
        real_lake.query(
            "SELECT code_region, contribution_part_variance_pct FROM mart_decomposition_consommation "
            "WHERE energie = 'electricite' AND facteur = 'temperature_chauffage' AND est_fiable"
        )
    )
    assert set(rows) == {"FR", "11", "24", "27", "28", "32", "44", "52", "53", "75", "76", "84", "93"}
    assert min(rows.values()) > 30
