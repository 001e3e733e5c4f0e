"""What is made from the facts and renews months, years or periods holds what a full build gives, whatever has moved."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.lake.revisions import RevisionInfo, RevisionLake
from tests.dbt.consumption import EXCHANGES, TEMPERATURE, exchange_day, temperature_day
from tests.dbt.eco2mix import (
    CONSOLIDATED,
    DEFINITIVE,
    NATIONAL,
    NATIONAL_TR,
    REAL_TIME,
    REGIONAL,
    REGIONAL_TR,
    national_day,
    regional_day,
)
from tests.dbt.lakes import TinyLake

# Years, seasons and the thirty last days reach across them.
MONTHS = ("2024-12", "2025-01", "2025-02", "2025-12", "2026-01")

RENEWED = (
    *("intermediate.int_eco2mix_annees", "intermediate.int_eco2mix_comparer_regions_et_france"),
    *("intermediate.int_eco2mix_demi_heures_lues", "intermediate.int_eco2mix_jours_douteux"),
    *("intermediate.int_fiabilite_erreurs", "intermediate.int_mix_jour", "intermediate.int_mix_periode"),
    *("intermediate.int_quotidien_national", "fct_eco2mix_national", "fct_eco2mix_regional", "fct_production_filiere"),
    *("mart_co2_controle", "mart_fiabilite_temps_reel", "mart_mix_bilan_jour", "mart_mix_bilan_periode"),
    *("mart_mix_jour", "mart_mix_periode", "mart_mix_saison", "mart_quotidien_national"),
)
SELECT = tuple(f"+{table.split('.')[-1]}" for table in RENEWED)


class Vintages:
    """Writes months of several sets with values drawn at random."""

    def __init__(self, lake: TinyLake, seed: int) -> None:
        self._lake, self._random = lake, random.Random(seed)  # noqa: S311 - no secret

    def change(self, month: str, *, withdraw: bool = False) -> None:
        """Replace a month: days at its ends, another status, other values and gaps; or take it away."""
        draw, year, rank = self._random, int(month[:4]), int(month[5:])
        chosen = [date(year, rank, 1), date(year, rank, draw.choice((2, 14, 27, 28)))][: draw.choice((1, 2))]
        status = draw.choice((REAL_TIME, CONSOLIDATED, DEFINITIVE))
        sets = (NATIONAL_TR, REGIONAL_TR) if status == REAL_TIME else (NATIONAL, REGIONAL)
        for dataset_id in (NATIONAL, NATIONAL_TR, REGIONAL, REGIONAL_TR, TEMPERATURE, EXCHANGES):
            self._forget(dataset_id, month)
        if withdraw:
            return
        factor, gap = draw.choice((1.0, 1.001, 1.01)), draw.choice((0, 1, 95))
        rows = [row for day in chosen for row in national_day(day, status)]
        self._lake.write(sets[0], [self._changed(row, factor) for row in rows[: len(rows) - gap]])
        self._lake.write(sets[1], [row for day in chosen for row in regional_day(day, status)])
        self._lake.write(TEMPERATURE, [row for day in chosen for row in temperature_day(day)][draw.choice((0, 1)) :])
        self._lake.write(EXCHANGES, [row for day in chosen[: draw.choice((0, 1, 2))] for row in exchange_day(day)])
        self._revise(month, rows[4]) if status == REAL_TIME else None

    def change_one(self, dataset_id: str, month: str) -> None:
        """Replace a month of one set by one day whose values are other ones."""
        day = date(int(month[:4]), int(month[5:]), 1)
        rows = national_day(day, REAL_TIME) if dataset_id == NATIONAL_TR else regional_day(day, REAL_TIME)
        self._lake.write(dataset_id, [self._changed(row, 1.002) for row in rows])

    def _changed(self, row: Any, factor: float) -> Any:
        """Return a row in which one filière is read less often, and all that is produced is a little more."""
        measures = {name: None if row.get(name) is None else row[name] * factor for name in ("nucleaire", "gaz")}
        return {**row, **measures, "eolien": None if factor > 1.005 else row.get("eolien")}

    def _forget(self, dataset_id: str, month: str) -> None:
        try:
            self._lake.drop(dataset_id, month)
        except KeyError:
            return

    def _revise(self, month: str, row: Any) -> None:
        """Write one revision of a reading of real time, three hours after it."""
        content = {
            "mois": month,
            "jeu_de_donnees": NATIONAL_TR,
            "code_territoire": "FR",
            "date_locale": row["date"],
            "heure_locale": row["heure"],
            "mesure": "consommation",
            "valeur_avant": float(self._random.randint(40_000, 50_000)),
            "valeur_apres": row["consommation"],
            "delai_h": 3.0,
            "instant_utc": row["date_heure"],
            "precision_cle": "",
            "version_avant": "a",
            "version_apres": "b",
            "connue_a": row["date_heure"],
        }
        revisions, dataset = RevisionLake(self._lake.paths), load_catalog()[NATIONAL_TR]
        (empty, *_) = revisions.files([])
        index = revisions.index(dataset)
        target = revisions.part(dataset, month, month.ljust(16, "0"))
        target.parent.mkdir(parents=True, exist_ok=True)
        schema = pq.read_schema(empty)
        pq.write_table(
            pa.Table.from_pylist([{name: content.get(name) for name in schema.names}], schema=schema), target
        )
        known = RevisionInfo(month, 2, 1, month.ljust(16, "0"))
        revisions.write_index(dataset, index | {month: known})


@pytest.mark.slow
def test_renewing_months_drawn_at_random_equals_a_full_build(module_lake: TinyLake, tmp_path: Path) -> None:
    draw, vintages = random.Random(15), Vintages(module_lake, 15)  # noqa: S311 - no secret
    for month in MONTHS:
        vintages.change(month)
    module_lake.make(*SELECT)
    first = module_lake.contents(RENEWED)
    assert all(first[table] for table in RENEWED if "annees" not in table and "douteux" not in table), first
    # No round takes a month of another one: what is wrong in one is still there when all are compared.
    left = draw.sample(MONTHS, k=len(MONTHS))
    for number, moved in enumerate((left[:2], left[2:3], left[3:])):
        for month in moved:
            vintages.change(month, withdraw=number == 1)
        module_lake.make(*SELECT, months=moved)
    _compare(module_lake, tmp_path / "months")
    left = draw.sample(MONTHS, k=4)
    for dataset_id, intact, moved in (
        (NATIONAL_TR, "fct_eco2mix_regional", left[:2]),
        (REGIONAL_TR, "fct_eco2mix_national", left[2:]),
    ):
        for month in moved:
            vintages.change_one(dataset_id, month)
        module_lake.make(*SELECT, months=moved, intact=[intact])
    _compare(module_lake, tmp_path / "sets")


def _compare(lake: TinyLake, folder: Path) -> None:
    again = lake.copy(folder)
    again.make(*SELECT, is_full=True)
    renewed, full = lake.contents(RENEWED), again.contents(RENEWED)
    assert {table: len(rows) for table, rows in renewed.items()} == {table: len(rows) for table, rows in full.items()}
    assert [table for table in RENEWED if renewed[table] != full[table]] == [], folder.name
