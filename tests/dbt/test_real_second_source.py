"""RTE's real files below ``rte/``: the figures of the facts are those of a plain reading of the texts."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from tests.dbt.lakes import TinyLake
from tests.portals.folder.support import FolderLake

pytestmark = pytest.mark.real

TR, REGIONS = "eco2mix-rte-national-tr", "eco2mix-rte-regional-cons-def"
FILES = {
    TR: (
        "data/rte/eco2mix/eCO2mix_RTE_National_En-cours-TR_2016-06.xls",
        "data-more/rte/eco2mix/eCO2mix_RTE_En-cours-TR_2017-10.xls",
        "data-new/rte/eco2mix/eCO2mix_RTE_En-cours-TR_2026-02-01_2026-03-15.xls",
    ),
    REGIONS: (
        "data/rte/eco2mix/eCO2mix_RTE_Ile-de-France_Annuel-Definitif_2015.xls",
        "data-more/rte/eco2mix/eCO2mix_RTE_Ile-de-France_Annuel-Definitif_2013.xls",
    ),
}
GROSS = "consommation-quotidienne-brute"
GROSS_FILE = f"{GROSS}_vintage-2025-12_extract-2016-2019-utc.csv"


def lines(file: Path) -> Iterator[dict[str, str]]:
    """Yield the lines of a text of RTE's, without the notice; a plain reading of its own."""
    with file.open(encoding="cp1252", newline="") as text:
        header, *rows = csv.reader(text, delimiter="\t")
    for row in rows:
        if len(row) > len(header):
            yield dict(zip(header, row, strict=False))


def is_number(text: str) -> bool:
    return text.removeprefix("-").isdigit()


@pytest.fixture(scope="module")
def lake(module_lake: TinyLake, real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> TinyLake:
    """Return a warehouse of what a folder with these files gives."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "rte" / "downloads").mkdir(parents=True)
    for files in FILES.values():
        for each in files:
            shutil.copy(real_data.parent / each, folder / "rte" / "downloads")
    source = FolderLake(folder, RunContext(Settings(lake=module_lake.paths.root, folder=folder)))
    for dataset_id, files in FILES.items():
        report = source.refresh(dataset_id)
        assert (report.error, report.not_loaded) == (None, 0)
        assert report.rows == sum(1 for each in files for _ in lines(real_data.parent / each))
    module_lake.read_published(GROSS, [real_data / "odre" / GROSS / GROSS_FILE])
    module_lake.make("+fct_eco2mix_national", "+fct_eco2mix_regional", "+fct_consommation_nationale")
    return module_lake


@pytest.mark.parametrize(
    ("file", "fact", "counted"),
    [
        (FILES[TR][0], "fct_eco2mix_national", (2_344, 105_641_396)),
        (FILES[TR][1], "fct_eco2mix_national", (4_077, 191_320_042)),
        (FILES[REGIONS][0], "fct_eco2mix_regional", (17_520, 143_492_089)),
        (FILES[REGIONS][1], "fct_eco2mix_regional", (17_519, 151_410_004)),
    ],
)
def test_the_consumption_of_a_file_is_that_of_the_fact(
    lake: TinyLake, real_data: Path, file: str, fact: str, counted: tuple[int, int]
) -> None:
    plain = list(lines(real_data.parent / file))
    values = [int(row["Consommation"]) for row in plain if is_number(row["Consommation"])]
    assert (len(values), sum(values)) == counted
    first, last = min(row["Date"] for row in plain), max(row["Date"] for row in plain)
    rows = lake.query(
        f"SELECT count(consommation_mw), sum(consommation_mw), min(source), max(source) FROM {fact} "
        f"WHERE date_locale BETWEEN '{first}' AND '{last}'"
    )
    assert rows == [(*counted, "RTE", "RTE")]


def test_every_measure_of_the_newest_generation_is_that_of_its_text(lake: TinyLake, real_data: Path) -> None:
    columns = {
        "Nucléaire": "nucleaire_mw",
        "Fioul - Cogén.": "fioul_cogen_mw",
        "Hydraulique - Fil de l?eau + éclusée": "hydraulique_fil_eau_eclusee_mw",
        "Taux de Co2": "taux_co2_g_par_kwh",
        " Stockage batterie": "stockage_batterie_mw",
        "Déstockage batterie": "destockage_batterie_mw",
        "Eolien offshore": "eolien_offshore_mw",
        "Ech. comm. Allemagne-Belgique": "ech_comm_allemagne_belgique_mw",
    }
    plain = list(lines(real_data.parent / FILES[TR][2]))
    for label, column in columns.items():
        values = [int(row[label]) for row in plain if is_number(row[label])]
        assert values
        found = lake.query(
            f"SELECT count({column}), sum({column}) FROM fct_eco2mix_national WHERE date_locale >= '2026-01-01'"
        )
        assert found == [(len(values), sum(values))], label


def test_absent_technologies_and_nd_are_null(lake: TinyLake) -> None:
    rows = lake.query(
        "SELECT count(nucleaire_mw), count(consommation_mw) FILTER (date_locale = DATE '2013-01-01') "
        "FROM fct_eco2mix_regional WHERE code_region = '11'"
    )
    # No reactor in Île-de-France; the first half-hour of 2013 is ND.
    assert rows == [(0, 47)]


def test_real_time_is_within_three_percent_of_what_odre_has_of_the_same_half_hours(lake: TinyLake) -> None:
    """The samples share no period with ODRÉ's sets at equal status: this is real time beside definitive."""
    rows = lake.query(
        "SELECT strftime(date_locale, '%Y'), count(*), min(ecart), max(ecart), round(avg(ecart), 1) "
        "FROM (SELECT date_locale, consommation_mw - consommation_electricite_mw AS ecart FROM fct_eco2mix_national "
        "JOIN fct_consommation_nationale USING (date_locale, heure_locale)) "
        "WHERE ecart IS NOT NULL GROUP BY 1 ORDER BY 1"
    )
    assert rows == [("2016", 1_172, -1_623, 752, -332.8), ("2017", 2_039, -1_450, 1_080, -126.0)]


def test_the_changes_of_the_clock_are_as_odre_has_them(lake: TinyLake) -> None:
    """96 labels a day; those that spring lacks share the instants of the next hour, autumn prints its hour once."""
    rows = lake.query(
        "SELECT date_locale::VARCHAR, count(*), count(DISTINCT instant_utc), count(*) FILTER (est_heure_fictive) "
        "FROM fct_eco2mix_regional WHERE date_locale IN ('2015-03-29', '2015-10-25', '2015-06-01') GROUP BY 1 "
        "ORDER BY 1"
    )
    assert rows == [("2015-03-29", 96, 92, 4), ("2015-06-01", 96, 96, 0), ("2015-10-25", 96, 96, 0)]
    autumn = lake.query(
        "SELECT heure_locale, strftime(instant_utc, '%H:%M') FROM fct_eco2mix_regional "
        "WHERE date_locale = '2015-10-25' AND heure_locale IN ('01:45', '02:00') ORDER BY 1"
    )
    assert autumn == [("01:45", "23:45"), ("02:00", "01:00")]
