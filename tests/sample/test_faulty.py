"""The faults of the synthetic France."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.database import connect
from dataelec_assets.lake.file_formats import inspect
from dataelec_assets.sample import generate
from tests.reading import read_table

NATIONAL = "consommation-quotidienne-brute"
REGIONAL = "consommation-quotidienne-brute-regionale"
GAS = "stock-quotidien-stockages-gaz"


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("faulty") / "france", years=1, faulty=True).destination


def _file(france: Path, dataset_id: str) -> Path:
    (file,) = (france / "odre" / dataset_id).iterdir()
    return file


def test_faults_lie_in_the_first_month_of_gross_consumption_and_in_gas_and_nowhere_else(
    one_year: Path, faulty: Path
) -> None:
    changed = [
        file.relative_to(faulty)
        for file in sorted(faulty.rglob("*"))
        if file.is_file() and file.read_bytes() != (one_year / file.relative_to(faulty)).read_bytes()
    ]
    assert {path.parts[1] for path in changed} == {NATIONAL, REGIONAL, GAS}
    read = "read_csv('{}', delim=';', header=true, all_varchar=true)"
    clean, spoiled = (read.format(_file(folder, NATIONAL)) for folder in (one_year, faulty))
    months = duckdb.execute(
        f'SELECT DISTINCT substr("Date - Heure", 1, 7) FROM (FROM {spoiled} EXCEPT ALL FROM {clean})'
    )
    assert months.fetchall() == [("2023-01",)]
    labels = duckdb.execute(f"SELECT Date, Heure FROM {spoiled} GROUP BY Date, Heure HAVING count(*) > 1 ORDER BY Date")
    assert labels.fetchall() == [("04/01/2023", "00:00"), ("15/01/2023", "12:00"), ("21/01/2023", "12:00")]


def test_three_days_of_the_regions_are_in_another_order(one_year: Path, faulty: Path) -> None:
    clean, spoiled = (f"'{_file(folder, REGIONAL)}'" for folder in (one_year, faulty))
    days = "SELECT date, sum(consommation_brute_electricite_rte)::BIGINT FROM {} WHERE date[:7] = '2023-01' GROUP BY 1"
    before, after = (dict(duckdb.execute(days.format(file)).fetchall()) for file in (clean, spoiled))
    assert [day for day in sorted(before) if before[day] != after[day]] == ["2023-01-10", "2023-01-11", "2023-01-12"]
    assert sum(before.values()) == sum(after.values())


def test_one_month_of_gas_is_below_nought(one_year: Path, faulty: Path) -> None:
    clean, spoiled = (
        read_table(connect(), load_catalog()[GAS], inspect(GAS, _file(each, GAS))) for each in (one_year, faulty)
    )
    months = {
        day.isoformat()[:7]
        for day, before, after in zip(
            clean["date"].to_pylist(),
            clean["stock_fin_de_journee"].to_pylist(),
            spoiled["stock_fin_de_journee"].to_pylist(),
            strict=True,
        )
        if before != after and after == -1.0
    }
    assert len(months) == 1
    assert months.pop().endswith("-02")
