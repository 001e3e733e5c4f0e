"""The whole: files, marker, determinism, arguments."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.catalog import load_catalog, slug
from dataelec_assets.errors import SettingsError
from dataelec_assets.sample import MARKER, Summary, generate
from tests.fixtures import with_a_fixture
from tests.sample.conftest import of_data_portals

pytestmark = pytest.mark.slow


def _digests(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_all_data_sets_are_there_with_names_that_say_synthetic(summary: Summary) -> None:
    # What the publisher has withdrawn is not invented, nor what a demonstration has no key for or does without.
    served = [each.id for each in load_catalog().values() if not each.withdrawn and not each.is_optional]
    invented = {file.dataset_id for file in summary.files}
    assert invented <= {*served}
    assert {*served} - invented <= with_a_fixture()  # a new data set is tried by its fixture
    for file in summary.files:
        assert file.path.parent == summary.destination / load_catalog()[file.dataset_id].portal / file.dataset_id
        assert "_synthetique." in file.path.name
        assert file.size == file.path.stat().st_size > 0


def test_the_row_counts_of_the_summary_are_those_of_the_files(
    summary: Summary, france: duckdb.DuckDBPyConnection
) -> None:
    for file in of_data_portals(summary):
        table = file.dataset_id.replace("-", "_")
        assert france.sql(f"select count(*) from {table}").fetchall() == [(file.rows,)]
    assert summary.rows == sum(file.rows for file in summary.files)


def test_the_marker_says_synthetic_and_with_what_arguments(summary: Summary) -> None:
    marker = json.loads((summary.destination / MARKER).read_text(encoding="utf-8"))
    assert marker["synthetic"] is True
    assert marker["note"].startswith("Données synthétiques")
    assert (marker["start"], marker["end"], marker["seed"]) == ("2023-01-01", "2025-12-31", 20260101)
    assert (summary.start, summary.end) == (date(2023, 1, 1), date(2025, 12, 31))


def test_every_column_of_the_catalogue_is_in_the_files(summary: Summary, france: duckdb.DuckDBPyConnection) -> None:
    for file in of_data_portals(summary):
        dataset = load_catalog()[file.dataset_id]
        published = {slug(name) for name in france.sql(f"from {dataset.table} limit 0").columns}
        for column in dataset.columns:
            assert not column.required or published & set(column.header_slugs), (file.dataset_id, column.name)
        known = {each for column in dataset.columns for each in column.header_slugs}
        assert published <= known | set(map(slug, (*dataset.left_in_raw, *dataset.personal))), file.dataset_id


def test_the_same_arguments_give_the_same_bytes(one_year: Path, tmp_path: Path) -> None:
    again = generate(tmp_path / "elsewhere", years=1).destination
    assert _digests(again) == _digests(one_year)


def test_no_clock_enters_the_gzip_header(summary: Summary) -> None:
    (path,) = (file.path for file in summary.files if file.path.suffix == ".gz")
    assert path.read_bytes()[4:8] == bytes(4)


def test_another_seed_gives_another_france(one_year: Path, tmp_path: Path) -> None:
    other = _digests(generate(tmp_path, years=1, seed=7).destination)
    same = {name.split("/")[1] for name, digest in _digests(one_year).items() if other[name] == digest}
    # The calendar is real, and the codes of communes and EPCI are given out in order.
    assert same == {
        "fr-en-calendrier-scolaire",
        "code-officiel-geographique-communes",
        "code-officiel-geographique-mouvements",
        "intercommunalites-composition",
    }


def test_a_second_generation_replaces_the_first(tmp_path: Path, one_year: Path) -> None:
    generate(tmp_path, years=1, seed=7)
    generate(tmp_path, years=1)
    assert _digests(tmp_path) == _digests(one_year)


def test_a_later_now_shows_the_same_france_with_more_rows(one_year: Path, tmp_path: Path) -> None:
    later = generate(tmp_path, years=1, now=datetime(2024, 2, 10, 9, 30, tzinfo=UTC)).destination
    with duckdb.connect() as connection:
        for dataset_id, key in {
            "consommation-quotidienne-brute-regionale": "code_insee_region, date, heure",
            "temperature-quotidienne-regionale": "date, code_insee_region",
            "eco2mix-regional-cons-def": "code_insee_region, date, heure",
        }.items():
            name = f"odre/{dataset_id}/{dataset_id}_synthetique.parquet"
            columns = [
                column
                for column in load_catalog()[dataset_id].column_names
                # Statuses and natures do move as time goes by.
                if not column.startswith(("statut_", "nature"))
            ]
            before, after = (f"select {', '.join(columns)} from '{folder / name}'" for folder in (one_year, later))
            assert connection.sql(f"({before}) except ({after})").fetchall() == [], dataset_id
            assert len(connection.sql(f"({after}) except ({before}) order by {key}").fetchall()) > 0


def test_a_scale_of_two_makes_the_history_twice_as_long_for_the_same_now(one_year: Path, tmp_path: Path) -> None:
    doubled = generate(tmp_path, years=1, scale=2)
    assert (doubled.start, doubled.end) == (date(2022, 1, 1), date(2023, 12, 31))
    rows = {file.dataset_id: file.rows for file in doubled.files}
    assert rows["consommation-quotidienne-brute-regionale"] == 12 * 48 * (365 + 304)
    marker = json.loads((one_year / MARKER).read_text(encoding="utf-8"))
    assert marker["now"] == doubled.now.isoformat()


def test_progress_is_told_year_by_year(tmp_path: Path) -> None:
    told: list[str] = []
    generate(tmp_path, years=1, progress=told.append)
    assert told[0] == "météo"
    assert "puissances 2023" in told


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "published.csv").write_text("real", encoding="utf-8")
    with pytest.raises(SettingsError, match="never mixed"):
        generate(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["published.csv"]


@pytest.mark.parametrize(
    ("attempt", "reason"),
    [
        (partial(generate, years=0), "at least one year"),
        (partial(generate, scale=0), "at least one year"),
        (partial(generate, now=datetime(2025, 6, 1)), "no time zone"),  # noqa: DTZ001 - the fault under test
        (partial(generate, now=datetime(2023, 6, 1, tzinfo=UTC)), "under a year"),
    ],
)
def test_arguments_that_cannot_work_are_refused_before_anything_is_written(
    tmp_path: Path, attempt: Callable[[Path], Summary], reason: str
) -> None:
    with pytest.raises(SettingsError, match=reason):
        attempt(tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_a_history_may_start_on_29_february(tmp_path: Path) -> None:
    summary = generate(tmp_path, start=date(2024, 2, 29), years=1)
    assert (summary.start, summary.end) == (date(2024, 2, 29), date(2025, 2, 28))
