"""Real files of RTE, of ODRÉ and of people, as they were found."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from tests.portals.folder.support import TEMPERATURES, FolderLake, lake_of

pytestmark = pytest.mark.real

NATIONAL, REGIONAL = "eco2mix-national-tr", "eco2mix-regional-cons-def"


@pytest.fixture
def shared(real_data: Path) -> Path:
    return real_data.parent


def test_a_zip_of_rte_is_read_with_instants_and_all_its_columns(lake: FolderLake, shared: Path) -> None:
    text = shared / "data-new" / "rte" / "eco2mix" / "eCO2mix_RTE_En-cours-TR_2026-02-01_2026-03-15.xls"
    path = lake.data / "odre" / NATIONAL / "eCO2mix_RTE_En-cours-TR.zip"
    path.parent.mkdir(parents=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(text, text.name)
    report = lake.refresh(NATIONAL)
    assert report.error is None
    # 28 days of February and 15 of March, a label each quarter of an hour; the notice at the end is no row.
    assert [each.partition for each in report.fetched] == ["2026-02", "2026-03"]
    found = lake.rows(
        "count(*), min(date_heure)::VARCHAR, count(consommation) > 0, count(eolien_offshore) > 0", NATIONAL
    )
    assert found == [(43 * 96, "2026-01-31 23:00:00+00", True, True)]


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("data", "eCO2mix_RTE_Ile-de-France_Annuel-Definitif_2015.xls"),
        ("data-more", "eCO2mix_RTE_Ile-de-France_Annuel-Definitif_2013.xls"),
        ("data", "eCO2mix_RTE_National_En-cours-TR_2016-06.xls"),
        ("data-more", "eCO2mix_RTE_En-cours-TR_2017-10.xls"),
    ],
)
def test_files_of_rte_are_read_whatever_their_year(lake: FolderLake, shared: Path, folder: str, name: str) -> None:
    dataset = REGIONAL if "Ile-de-France" in name else NATIONAL
    path = lake.data / "odre" / dataset / name
    path.parent.mkdir(parents=True)
    shutil.copy(shared / folder / "rte" / "eco2mix" / name, path)
    report = lake.refresh(dataset)
    assert report.error is None
    assert report.not_loaded == 0
    if dataset == REGIONAL:
        assert report.rows == 365 * 96
        assert lake.rows("DISTINCT code_insee_region, libelle_region", REGIONAL) == [("11", "Île-de-France")]


def test_a_copy_in_windows_letters_is_read(lake: FolderLake, shared: Path) -> None:
    name = "temperature-quotidienne-regionale_vintage-2023-10_cp1252.csv"
    path = lake.data / "odre" / TEMPERATURES / name
    path.parent.mkdir(parents=True)
    shutil.copy(shared / "data-more" / "odre" / TEMPERATURES / name, path)
    assert lake.refresh().error is None
    assert ("Île-de-France",) in lake.rows("DISTINCT region")


CASES = {
    "two-digit-years": (TEMPERATURES, 26, 0),
    "dd-mm-yyyy": (TEMPERATURES, 14, 0),
    "doubly-encoded-accents": (TEMPERATURES, 13, 0),
    "rte-xls-without-instant": (NATIONAL, 4, 0),
    "rows-without-instant": (TEMPERATURES, None, 1),
    "one-label-month": ("consommation-quotidienne-brute-regionale", 12, 0),
}


@pytest.mark.parametrize("case", CASES)
def test_the_folders_that_failed_on_the_first_version_are_read(tmp_path: Path, shared: Path, case: str) -> None:
    dataset, rows, undated = CASES[case]
    lake = lake_of(shared / "cases" / case, tmp_path / "lake")
    report = lake.refresh(dataset)
    assert report.error is None
    assert rows is None or report.rows == rows
    assert report.not_loaded == undated
    on = lake.dataset(dataset).time_column
    ((first,),) = lake.rows(f"min({on})::VARCHAR", dataset)
    assert first >= "2016"


FILES = {
    "cog-mvt-creation-without-before": ("insee", "code-officiel-geographique-mouvements"),
    "irve-empty-point-id": ("irve", "bornes-de-recharge-irve"),
    "irve-insee-code-forms": ("irve", "bornes-de-recharge-irve"),
    "irve-inverted-coordinates": ("irve", "bornes-de-recharge-irve"),
    "irve-non-concerne": ("irve", "bornes-de-recharge-irve"),
    "odd-real-layout": ("insee", "indicateurs-odd-regions"),
    "pop-one-row-twice": ("insee", "populations-legales-communes"),
}


@pytest.mark.parametrize("case", FILES)
def test_files_named_as_their_publishers_name_them_are_found(lake: FolderLake, shared: Path, case: str) -> None:
    portal, dataset = FILES[case]
    shutil.copytree(shared / "cases" / case, lake.data / portal / "downloads")
    report = lake.refresh(dataset)
    assert report.error is None
    assert report.rows > 0
