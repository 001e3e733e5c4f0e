"""Copies as people keep them: days in French order, accents encoded twice, RTE's own file, rows without a day.

One refresh of one folder, as a user would: what is read is served with the right days, what cannot be is counted.
"""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dataelec_assets.cli import app
from dataelec_assets.database import connect
from tests.faults.france import GAS, GROSS, REAL_TIME, TEMPERATURE

# Columns that the contract wants and that are empty here.
OTHERS = (
    "Statut - GRTgaz",
    "Statut - Teréga",
    "Consommation brute gaz (MW PCS 0°C) - GRTgaz",
    "Consommation brute gaz (MW PCS 0°C) - Teréga",
    "Consommation brute gaz totale (MW PCS 0°C)",
    "Consommation brute totale (MW)",
)

REGIONS = {"11": "Île-de-France", "27": "Bourgogne-Franche-Comté", "93": "Provence-Alpes-Côte d'Azur"}


def temperatures(*days: str) -> str:
    rows = [f"{day};{code};{name};1;3;2" for day in days for code, name in REGIONS.items()]
    return "\n".join(["date;code_insee_region;region;tmin;tmax;tmoy", *rows, ""])


def write_copies(folder: Path) -> None:
    """Write one folder of published files, each odd in its way."""
    for dataset in (TEMPERATURE, GROSS, REAL_TIME, GAS):
        (folder / "odre" / dataset).mkdir(parents=True)
    odre = folder / "odre"
    (odre / TEMPERATURE / "short_2016.csv").write_text(temperatures("01/01/16", "31/12/24"), "utf-8")
    (odre / TEMPERATURE / "long_2017.csv").write_text(temperatures("12/03/2017"), "utf-8")
    twice = temperatures("01/02/2018").encode().decode("cp1252", "replace")
    assert "CÃ´te d'Azur" in twice
    (odre / TEMPERATURE / "twice_2018.csv").write_text(twice, "utf-8")
    undated = temperatures("2019-04-01", "") + "2091-04-01;11;x;1;3;2\n"
    (odre / TEMPERATURE / "undated_2019.csv").write_text(undated, "utf-8")
    gross = ";".join(["Date - Heure;Date;Heure;Consommation brute électricité (MW) - RTE;Statut - RTE", *OTHERS]) + "\n"
    empty = ";" * len(OTHERS)
    start = datetime(2019, 3, 31, 22, tzinfo=UTC)
    for half_hour in range(48):
        label = f"{half_hour // 2:02d}:{half_hour % 2 * 30:02d}"
        instant = start + timedelta(minutes=30 * half_hour)
        gross += f"{instant.isoformat()};01/04/2019;{label};45835;Définitif{empty}\n"
    gross += f";01/04/2019;12:00;60000;Définitif{empty}\n"
    (odre / GROSS / "c.csv").write_text(gross, "utf-8")
    labels = [f"{hour:02d}:{minute:02d}" for hour in range(24) for minute in (0, 15, 30, 45)]
    lines = [f"France\tDonnées temps réel\t2026-02-01\t{label}\t58000\t47000\t4500\t-9000\t" for label in labels]
    head = "Périmètre\tNature\tDate\tHeures\tConsommation\tNucléaire\tGaz\tEch. physiques"
    notice = "RTE ne pourra être tenu responsable de l’usage de ces données"
    (odre / REAL_TIME / "eCO2mix_RTE_En-cours-TR.xls").write_bytes("\n".join([head, *lines, notice]).encode("cp1252"))
    (odre / GAS / "g.csv").write_text("date;source;pits;stock_fin_de_journee\n03/25/2016;Storengy;Centre;1\n", "utf-8")


@pytest.mark.slow
def test_copies_as_people_keep_them_are_read_and_what_cannot_be_read_is_counted(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_copies(tmp_path / "data")
    shutil.rmtree(place, ignore_errors=True)
    for name, folder in (("LAKE", place), ("FROM", tmp_path / "data")):
        monkeypatch.setenv(f"DATAELEC_{name}", str(folder))
    monkeypatch.setenv("DAGSTER_HOME", str(place / "dagster"))
    sources = [argument for each in (TEMPERATURE, GROSS, REAL_TIME, GAS) for argument in ("--source", each)]
    done = CliRunner().invoke(app, ["refresh", "--json", *sources])
    again = CliRunner().invoke(app, ["refresh", "--json", *sources])
    status = CliRunner().invoke(app, ["status", "--json"])

    assert done.stdout, done.stderr
    report = {each["dataset_id"]: each for each in json.loads(done.stdout)["sources"]}
    assert done.exit_code == again.exit_code == 4
    assert {name: each["outcome"] for name, each in report.items()} == {
        **dict.fromkeys((TEMPERATURE, GROSS, REAL_TIME), "refreshed"),
        GAS: "failed",
    }
    for words in ("g.csv", "row 1", "column 'date'", "'03/25/2016' is not a date", "AAAA-MM-JJ, JJ/MM/AAAA"):
        assert words in report[GAS]["error"]
    # Three temperatures without a day and one of 2091; one half-hour without an instant.
    expected = {TEMPERATURE: 4, GROSS: 1, REAL_TIME: 0, GAS: 0}
    for told in (json.loads(done.stdout)["sources"], json.loads(again.stdout)["sources"], json.loads(status.stdout)):
        assert {each["dataset_id"]: each["not_loaded"] for each in told if each["dataset_id"] in expected} == expected
    said = " ".join(done.stderr.split())  # lines are as wide as the terminal
    assert "3 row(s) at the portal have no date; they are not loaded" in said
    assert "1 row(s) at the portal have a date outside 2016-01-01 … " in said
    assert "such as 2091-04" in said

    with connect(place / "serving" / "dataelec.duckdb", read_only=True) as served:
        counted = dict(served.execute("SELECT jeu_de_donnees, lignes_non_chargees FROM meta_sources").fetchall())
        days = served.execute("SELECT DISTINCT CAST(date AS VARCHAR) FROM fct_temperature_regionale").fetchall()
        instants = served.execute("SELECT min(instant_utc), max(instant_utc) FROM fct_eco2mix_national").fetchall()
        texts = served.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "WHERE table_schema = 'main' AND data_type = 'VARCHAR' AND table_name NOT LIKE 'meta%'"
        ).fetchall()
        garbled = [
            (table, column)
            for table, column in texts
            if served.execute(f"SELECT count(*) FROM {table} WHERE {column} LIKE '%Ã%'").fetchall() != [(0,)]
        ]
    assert {name: counted[name] for name in expected} == expected
    assert sorted(day for (day,) in days) == ["2016-01-01", "2017-03-12", "2018-02-01", "2019-04-01", "2024-12-31"]
    assert [f"{instant:%Y-%m-%d %H:%M}" for instant in instants[0]] == ["2026-01-31 23:00", "2026-02-01 22:45"]
    assert garbled == []
