"""An archive of a release holds what may be passed on, says whose it is, and is the same for the same publication."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.errors import DataElecError
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.release import archive, checksums, terms
from tests.serving.served import write_served


@pytest.fixture
def served(lake_paths: LakePaths) -> LakePaths:
    """Return a lake that has published, with a page of a report and a lock that is nobody else's business."""
    write_served(lake_paths.served_file)
    for name in ("rapport/index.html", "parquet/datapackage.json", "locks/one.lock"):
        file = lake_paths.serving / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name, encoding="utf-8")
    return lake_paths


def change(paths: LakePaths, statement: str) -> None:
    with duckdb.connect(str(paths.served_file)) as connection:
        connection.execute(statement)


def test_the_archive_holds_file_parquet_report_and_notice(served: LakePaths, tmp_path: Path) -> None:
    with zipfile.ZipFile(archive(served, tmp_path / "sample.zip")) as made:
        assert set(made.namelist()) == {
            "sample/LISEZMOI.md",
            "sample/dataelec.duckdb",
            "sample/rapport/index.html",
            "sample/parquet/datapackage.json",
        }
        assert made.read("sample/dataelec.duckdb") == served.served_file.read_bytes()


def test_the_same_publication_is_the_same_archive(served: LakePaths, tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    first, second = archive(served, tmp_path / "sample.zip"), archive(served, tmp_path / "again" / "sample.zip")
    assert first.read_bytes() == second.read_bytes()


def test_the_notice_names_each_source_that_has_rows_and_its_licence(served: LakePaths) -> None:
    change(served, "UPDATE meta_sources SET lignes = 0")
    change(
        served,
        """UPDATE meta_sources SET lignes = 9, titre = 'Un titre', producteur = 'Un producteur', licence = 'ODbL 1.0'
        WHERE jeu_de_donnees = (SELECT min(jeu_de_donnees) FROM meta_sources)""",
    )
    rows = [line for line in terms(served).splitlines() if line.startswith("| ")]
    assert rows == ["| source | producteur | licence |", "| Un titre | Un producteur | ODbL 1.0 |"]


@pytest.mark.parametrize(
    "closed", ["licence = 'Tous droits réservés'", "conditions = 'Usage non commercial seulement'"]
)
def test_published_data_that_may_not_be_passed_on_are_never_archived(
    served: LakePaths, tmp_path: Path, closed: str
) -> None:
    change(served, "UPDATE meta_sources SET lignes = 1, conditions = NULL, licence = 'ODbL 1.0'")
    change(served, "UPDATE meta_publication SET est_synthetique = false")
    assert "telles que les a lues DataElec" in terms(served)
    change(
        served,
        f"UPDATE meta_sources SET {closed} WHERE jeu_de_donnees = (SELECT min(jeu_de_donnees) FROM meta_sources)",
    )
    with pytest.raises(DataElecError, match="may not be passed on"):
        archive(served, tmp_path / "sample.zip")
    assert not (tmp_path / "sample.zip").exists()


def test_invented_data_are_said_to_be_invented(served: LakePaths) -> None:
    change(served, "UPDATE meta_publication SET est_synthetique = true")
    assert "synthétiques" in terms(served)


def test_checksums_are_those_of_the_files(tmp_path: Path) -> None:
    for name in ("b.zip", "a.whl"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    written = checksums(tmp_path, [tmp_path / "b.zip", tmp_path / "a.whl"]).read_text(encoding="utf-8")
    expected = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("a.whl", "b.zip")}
    assert written == "".join(f"{digest}  {name}\n" for name, digest in expected.items())
