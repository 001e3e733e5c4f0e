"""Faults of the kinds that RTE has published, put into its own readings: each comes back to its place."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.lake.parquet import ParquetLake
from tests.dbt.consumption import NATIONAL
from tests.dbt.lakes import BuiltLake, TinyLake

pytestmark = [pytest.mark.real, pytest.mark.slow]

SELECT = ("+fct_consommation_nationale", "+mart_completude_jour")
STEP = timedelta(minutes=30)
# Winter time: midnight in Paris is 23:00 of the day before.
MIDNIGHT = timedelta(hours=-1)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + MIDNIGHT


def _print_elsewhere(lake: TinyLake, month: str, moved: dict[datetime, timedelta]) -> None:
    """Print some rows of a month under another label: by when they were read, how much later."""
    file = ParquetLake(lake.paths).file(load_catalog()[NATIONAL], month)
    rows: list[dict[str, Any]] = pq.read_table(file).to_pylist()
    assert len({row["date_heure"] for row in rows} & moved.keys()) == len(moved)
    for row in rows:
        printed = row["date_heure"] + moved.get(row["date_heure"], timedelta())
        if printed != row["date_heure"]:
            row["date_heure"] = printed
            row["date"] = (printed - MIDNIGHT).date()
            row["heure"] = f"{printed - MIDNIGHT:%H:%M}"
    lake.store(NATIONAL, month, pa.Table.from_pylist(rows, schema=pq.read_schema(file)))


def _halves(first: datetime, last: datetime) -> list[datetime]:
    return [first + STEP * number for number in range(int((last - first) / STEP) + 1)]


@pytest.fixture(scope="module")
def faulty(real_lake: BuiltLake, tmp_path_factory: pytest.TempPathFactory) -> TinyLake:
    """Return the facts of a file with the faults of 2020 (a midnight) and of 2022 (two days), and a mirror of it."""
    lake = real_lake.lake.copy(tmp_path_factory.mktemp("faulty") / "lake")
    # The midnight that opens the 6th is printed at the one before.
    _print_elsewhere(lake, "2017-12", {_midnight(date(2017, 12, 6)): -timedelta(days=1)})
    # From the second midnight of the 4th to 23:30 of the 5th, all is half an hour early.
    run = _halves(_midnight(date(2018, 12, 4)) + STEP, _midnight(date(2018, 12, 6)))
    _print_elsewhere(lake, "2018-12", dict.fromkeys(run, -STEP))
    # A day that is half an hour late.
    run = _halves(_midnight(date(2019, 2, 12)), _midnight(date(2019, 2, 13)) - STEP)
    _print_elsewhere(lake, "2019-02", dict.fromkeys(run, STEP))
    lake.make(*SELECT, months=("2017-12", "2018-12", "2019-02"))
    return lake


def test_every_reading_is_back_where_it_was_read(real_lake: BuiltLake, faulty: TinyLake) -> None:
    columns = "* EXCLUDE (heure_publiee, est_corrigee)"
    right, mended = (
        each.query(f"SELECT {columns} FROM fct_consommation_nationale ORDER BY ALL") for each in (real_lake, faulty)
    )
    assert mended == right


def test_what_was_moved_is_told(faulty: TinyLake) -> None:
    rows = faulty.query(
        "SELECT mois, count(*), min(date_locale)::VARCHAR, max(date_locale)::VARCHAR "
        "FROM fct_consommation_nationale WHERE est_corrigee GROUP BY 1 ORDER BY 1"
    )
    assert rows == [
        ("2017-12", 1, "2017-12-06", "2017-12-06"),
        ("2018-12", 96, "2018-12-04", "2018-12-06"),
        ("2019-02", 48, "2019-02-12", "2019-02-12"),
    ]


def test_the_days_are_whole_and_the_counts_those_of_the_days(real_lake: BuiltLake, faulty: TinyLake) -> None:
    days = "SELECT * FROM mart_completude_jour WHERE jeu = 'consommation_nationale' ORDER BY ALL"
    assert faulty.query(days) == real_lake.query(days)
