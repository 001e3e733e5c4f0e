"""Which files of a folder are read, which are named because they are not, and what is missing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dataelec_assets.catalog import load_catalog
from dataelec_assets.cli import app
from dataelec_assets.commands.doctor import diagnose
from dataelec_assets.commands.refresh import dry_run, folder_findings
from dataelec_assets.errors import SettingsError
from dataelec_assets.portals.folder.layout import Layout
from dataelec_assets.settings import load_settings
from tests.portals.folder.support import TEMPERATURES, FolderLake, days

CATALOG = load_catalog()
COMMUNES, DEPARTEMENTS = CATALOG["populations-legales-communes"], CATALOG["populations-legales-departements"]


def findings(lake: FolderLake) -> list[str]:
    return Layout(lake.data).findings(CATALOG.values(), 2027)


def test_a_file_that_matches_nothing_is_named_with_the_reason(lake: FolderLake) -> None:
    lake.put("t.csv", days("2025-01-31 11 5"))
    lake.put("t.xlsx", b"")
    lake.put("notes.md", b"")
    lake.put("a.csv", b"", dataset="eco2mix-nationl-tr")
    lake.put("b.csv", b"", portal="odré")
    lake.put("population.csv", b"", portal="insee", dataset="any")
    lake.put("c.pyc", b"", portal="__pycache__")
    (lake.data / "odre" / "loose.csv").write_bytes(b"")
    assert sorted(findings(lake)) == [
        "Not read, it is in no data set's folder: odre/ (loose.csv)",
        "Not read, no edition of the catalogue has such a name: insee/any/ (population.csv)",
        "Not read, no portal is called 'odré': odré/temperature-quotidienne-regionale/ (b.csv)",
        "Not read, such files are not read: odre/temperature-quotidienne-regionale/ (t.xlsx)",
        "Not read, the catalogue has no data set 'eco2mix-nationl-tr' of odre: odre/eco2mix-nationl-tr/ (a.csv)",
    ]


def test_refresh_and_doctor_name_the_same_files(lake: FolderLake) -> None:
    lake.put("eCO2mix_RTE_Corse_En-cours-TR.xls", b"", portal="rte", dataset="eco2mix")
    (line,) = findings(lake)
    assert folder_findings(lake.ctx) == [line]
    _, lines, exit_code = dry_run(ctx=lake.ctx)
    assert line in lines
    assert exit_code == 3  # every data set is absent
    rows = [row for row in diagnose(lake.ctx) if row["check"] == "folder"]
    assert [(row["result"], row["detail"]) for row in rows] == [
        ("ok", f"{lake.data} is read instead of the portals (DATAELEC_FROM)"),
        ("note", line),
    ]
    assert not [row for row in diagnose(lake.ctx) if row["check"].startswith("portal")]


def test_an_archive_of_which_members_are_missing_gives_what_is_there_and_names_what_is_not(lake: FolderLake) -> None:
    """The case portal-partial-archive: one member alone gave nothing."""
    header = "CODREG;REG;CODDEP;CODARR;CODCAN;CODCOM;COM;PMUN;PCAP;PTOT\n"
    row = "84;Auvergne-Rhône-Alpes;01;2;08;001;L'Abergement-Clémenciat;779;19;798\n"
    lake.put("donnees_communes_population-2019.csv", (header + row).encode(), portal="insee", dataset="populations")
    report = lake.refresh(COMMUNES.id)
    assert (report.error, report.rows) == (None, 1)
    assert lake.refresh(DEPARTEMENTS.id).outcome == "absent"
    (line,) = findings(lake)
    missing = "donnees_departements.csv of 2019, donnees_regions.csv of 2019"
    assert line == f"Missing of ensemble.zip in insee/: {missing}; the others are read."
    newest = lake.ctx.raw.newest(COMMUNES.id, "2019")
    assert newest is not None
    assert newest.bytes == len((header + row).encode())


def test_a_forecast_needs_no_folder_of_its_own_and_a_set_that_needs_a_key_does(lake: FolderLake) -> None:
    free, keyed = CATALOG["previsions-meteo-regions"], CATALOG["meteo-actuelle-regions"]
    (lake.data / free.portal).mkdir()
    (lake.data / free.portal / "f.json").write_text("[]", "utf-8")
    (lake.data / keyed.portal).mkdir()
    (lake.data / keyed.portal / "w.json").write_text("[]", "utf-8")
    layout = Layout(lake.data)
    assert [file.path.name for file in layout.files(free)] == ["f.json"]
    assert layout.files(keyed) == ()
    assert lake.ctx.is_off(keyed)
    (lake.data / keyed.portal / keyed.id).mkdir()
    assert not lake.ctx.is_off(keyed)  # a file needs no key


def test_what_is_no_folder_is_refused_by_its_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAELEC_FROM", str(tmp_path / "nowhere"))
    with pytest.raises(SettingsError, match=r"DATAELEC_FROM: .*not a folder \(got '.*nowhere'\)"):
        load_settings()
    monkeypatch.setenv("DATAELEC_FROM", "")
    assert load_settings().folder is None
    monkeypatch.setenv("DATAELEC_FROM", str(tmp_path))
    assert load_settings().folder == tmp_path
    assert load_settings(folder=tmp_path / "..").folder == tmp_path.parent
    with pytest.raises(SettingsError, match="is not a folder"):
        Layout(tmp_path / "nowhere")


def test_a_broken_mark_of_invented_data_is_refused(lake: FolderLake) -> None:
    (lake.data / "SYNTHETIC.json").write_text("[]", "utf-8")
    with pytest.raises(SettingsError, match=r"SYNTHETIC\.json is not a JSON object"):
        _ = Layout(lake.data).is_synthetic


def test_the_option_reads_the_folder_that_it_names(lake: FolderLake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.put("t.csv", days("2025-01-31 11 5"))
    monkeypatch.setenv("DATAELEC_LAKE", str(lake.ctx.paths.root))
    arguments = ["refresh", "--from", str(lake.data), "--dry-run", "--json", "--source", TEMPERATURES]
    done = CliRunner().invoke(app, arguments)
    assert json.loads(done.stdout) == [{"dataset_id": TEMPERATURES, "partition": "2025-01", "reason": "never fetched"}]
    assert done.exit_code == 0
