"""CO2, balance and exchanges on the real-time files of 2016, 2017, 2021 and 2026, recomputed with pandas alone."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from dataelec_assets.catalog import slug
from tests.dbt.eco2mix import NATIONAL_TR, SELECT
from tests.dbt.lakes import BuiltLake, TinyLake, found_by

pytestmark = [pytest.mark.real, pytest.mark.slow]

_FILES = (
    "data/rte/eco2mix/eCO2mix_RTE_National_En-cours-TR_2016-06.xls",
    "data-more/rte/eco2mix/eCO2mix_RTE_En-cours-TR_2017-10.xls",
    "data-new/rte/eco2mix/eCO2mix_RTE_En-cours-TR_2026-02-01_2026-03-15.xls",
)
_RENAMED = {
    "heures": "heure",
    "taux_de_co2": "taux_co2",
    "hydraulique_fil_de_l_eau_eclusee": "hydraulique_fil_eau_eclusee",
    "prevision_j_1": "prevision_j1",
}
_FILIERES = ["fioul", "charbon", "gaz", "nucleaire", "eolien", "solaire", "hydraulique", "bioenergies"]
_BORDERS = ("angleterre", "espagne", "italie", "suisse", "allemagne_belgique")


def _published(file: Path) -> pd.DataFrame:
    """Return the rows of one of RTE's own files, under the names of the portal."""
    # Each line ends with a tab more than the header; the last one is a legal notice, which has no day.
    rows = pd.read_csv(file, sep="\t", encoding="cp1252", index_col=False).dropna(subset=["Date", "Heures"])
    rows = rows.rename(columns=lambda label: _RENAMED.get(slug(label), slug(label)))
    texts = ["perimetre", "nature", "date", "heure"]
    return rows[texts].join(rows.drop(columns=texts).apply(pd.to_numeric, errors="coerce"))


@pytest.fixture(scope="module")
def published(real_data: Path) -> pd.DataFrame:
    """Return the three files in one table."""
    return pd.concat([_published(real_data.parent / file) for file in _FILES], ignore_index=True)


@pytest.fixture(scope="module")
def lake(real_data: Path, published: pd.DataFrame, module_lake: TinyLake) -> BuiltLake:
    """Return the warehouse of the three files and of December 2021, with what its checks say."""
    module_lake.read_published(NATIONAL_TR, sorted((real_data / "odre" / NATIONAL_TR).glob("*_2021-12.csv")))
    rows = published.assign(
        date_heure=pd.to_datetime(published["date"] + " " + published["heure"]).dt.tz_localize("Europe/Paris"),
        date=pd.to_datetime(published["date"]).dt.date,
    )
    cells = rows.astype(object).where(rows.notna(), None).itertuples(index=False, name=None)
    module_lake.write(NATIONAL_TR, [dict(zip(rows.columns, row, strict=True)) for row in cells])
    results = module_lake.build(*SELECT)
    module_lake.make("+mart_mix_bilan_periode")
    return BuiltLake(module_lake, results)


def test_only_the_quarters_that_rte_misprinted_are_found(lake: BuiltLake) -> None:
    # 40 of February and March 2026, such as 4,830 MW on 2026-02-02 at 09:15; no month is blocked.
    assert found_by(lake.results) == {"fct_eco2mix_national_bilan": "warn"}
    assert lake.results["fct_eco2mix_national_bilan"].failures == 40


def test_the_balance_closes_with_the_batteries(lake: BuiltLake) -> None:
    produced = " - ".join(f"{name}_mw" for name in [*_FILIERES, "pompage", "ech_physiques"])
    batteries = "stockage_batterie_mw + destockage_batterie_mw"
    ((counted, left_out),) = lake.query(
        f"SELECT avg((abs(residu - batteries) <= 2)::INT), avg((abs(residu) <= 2)::INT) FROM "
        f"(SELECT consommation_mw - {produced} AS residu, {batteries} AS batteries FROM fct_eco2mix_national "
        "WHERE date_locale >= DATE '2026-01-01' AND consommation_mw IS NOT NULL)"
    )
    assert counted == pytest.approx(0.686, abs=0.001)
    assert left_out == pytest.approx(0.091, abs=0.001)


def test_the_served_rate_of_co2_is_the_published_one_weighted_by_production(
    lake: BuiltLake, published: pd.DataFrame
) -> None:
    served = dict(
        lake.query(
            "SELECT strftime(debut, '%Y-%m'), taux_co2_g_par_kwh FROM mart_mix_bilan_periode "
            "WHERE code_territoire = 'FR' AND type_periode = 'mois' AND debut <> DATE '2021-12-01'"
        )
    )
    rows = published.assign(month=published["date"].str[:7], mw=published[_FILIERES].sum(axis=1))
    rows = rows[rows["taux_co2"].notna()]
    grams = (rows["taux_co2"] * rows["mw"]).groupby(rows["month"]).sum()
    expected = (grams / rows["mw"].groupby(rows["month"]).sum()).to_dict()
    assert served == pytest.approx(expected, rel=1e-9)
    assert set(served) == {"2016-06", "2017-09", "2017-10", "2026-02", "2026-03"}


def test_the_factors_of_each_period_give_the_published_rate_within_1_g(lake: BuiltLake) -> None:
    rows = lake.query(
        "SELECT annee, regime, nombre_taux_compares, ecart_moyen_g_par_kwh, ecart_absolu_max_g_par_kwh "
        "FROM mart_co2_controle WHERE statut = 'temps réel' AND est_verifie ORDER BY annee"
    )
    assert [row[:3] for row in rows] == [
        (2016, "temps_reel_2012", 2_344),
        (2017, "temps_reel_2012", 4_076),
        (2021, "temps_reel_2021", 2_976),
        (2026, "temps_reel_2025", 4_000),
    ]
    assert max(abs(mean) for *_, mean, _ in rows) < 0.1
    assert max(largest for *_, largest in rows) < 0.8


@pytest.mark.parametrize(("day", "step"), [("2016-06-15", 30), ("2017-09-15", 30), ("2026-02-15", 15)])
def test_commercial_exchanges_become_energy_at_the_step_of_their_file(
    lake: BuiltLake, published: pd.DataFrame, day: str, step: int
) -> None:
    rows = published[published["date"] == day]
    for border in _BORDERS:
        power = rows[f"ech_comm_{border}"].dropna()
        assert len(power) == 24 * 60 / step
        ((energy,),) = lake.query(
            f"SELECT sum(energie_ech_comm_{border}_mwh) FROM fct_eco2mix_national WHERE date_locale = DATE '{day}'"
        )
        # Every hour of the day was read: the energy is the mean power of 24 hours, whatever the step.
        assert energy == pytest.approx(24 * power.mean())
