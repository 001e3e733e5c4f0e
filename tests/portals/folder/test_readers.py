"""Each shape of file found in the wild ends as the same rows."""

from __future__ import annotations

import gzip
import json
import threading
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.errors import UnexpectedContent
from dataelec_assets.portals.client import PortalField
from dataelec_assets.portals.folder.stamps import read_stamp
from dataelec_assets.portals.folder.tables import TABLE, State, read_state
from tests.portals.folder.written import csv_text, v1_records

CATALOG = load_catalog()
TEMPERATURE = "temperature-quotidienne-regionale"
ROWS: list[dict[str, Any]] = [
    {"date": "2024-01-02", "code_insee_region": 94, "region": "Élève", "tmin": 1.5, "tmax": 2, "tmoy": 1.75},
    {"date": "2024-01-03", "code_insee_region": 11, "region": "Œuvre", "tmin": None, "tmax": 3.0, "tmoy": None},
]


def load(*paths: Path, dataset: str = TEMPERATURE) -> tuple[State, list[dict[str, Any]]]:
    """Return the state of ``paths`` and its rows as JSON would have them; nothing of columns that no file holds."""
    with duckdb.connect() as con:
        con.execute("SET GLOBAL TimeZone = 'UTC'")
        files = sorted((read_stamp(path) for path in paths), key=lambda file: file.order)
        state = read_state(con, CATALOG[dataset], files, threading.Event())
        rows = con.execute(f"SELECT to_json(t) FROM {TABLE} AS t").fetchall()
    found = [json.loads(row) for (row,) in rows]
    return state, [{name: value for name, value in row.items() if name not in state.missing} for row in found]


def write_parquet(path: Path) -> None:
    with duckdb.connect() as con:
        con.execute(
            "CREATE TABLE t (date DATE, code_insee_region BIGINT, region TEXT, tmin DOUBLE, tmax DOUBLE, tmoy DOUBLE)"
        )
        con.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)", [list(row.values()) for row in ROWS])
        con.execute(f"COPY t TO '{path}' (FORMAT parquet)")


SHAPES = {
    "bom.csv": csv_text(ROWS).encode("utf-8-sig"),
    "utf8.csv": csv_text(ROWS).encode(),
    "latin.csv": csv_text(ROWS).encode("cp1252"),
    "comma.csv": csv_text(ROWS, ",").encode(),
    "packed.csv.gz": gzip.compress(csv_text(ROWS).encode()),
    "array.json": json.dumps(ROWS).encode(),
    "array.json.gz": gzip.compress(json.dumps(ROWS, ensure_ascii=False).encode()),
    "lines.jsonl": "\n".join(json.dumps(row) for row in ROWS).encode(),
    "records.json.gz": v1_records("x", ROWS),
    "extra.xls": (
        csv_text(ROWS, "\t").replace("\r\n", "\t\r\n").replace("\t\r\n", "\r\n", 1) + "Mention légale."
    ).encode("latin-1", "replace"),
}


@pytest.mark.parametrize("name", [*SHAPES, "file.parquet"])
def test_every_shape_gives_the_same_rows(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.endswith(".parquet"):
        write_parquet(path)
    else:
        path.write_bytes(SHAPES[name])
    _, rows = load(path)
    work = "?uvre" if name.endswith(".xls") else "Œuvre"
    assert sorted(rows, key=lambda row: str(row["date"])) == [
        {
            "date": "2024-01-02",
            "code_insee_region": "94",
            "region": "Élève",
            "tmin": "1.5",
            "tmax": "2",
            "tmoy": "1.75",
        },
        {"date": "2024-01-03", "code_insee_region": "11", "region": work, "tmin": None, "tmax": "3", "tmoy": None},
    ]


@pytest.mark.parametrize(
    "header",
    [
        "Date;Code INSEE région;Région;TMin (°C);TMax (°C);TMoy (°C)",
        "date;code_insee_region;region;tmin;tmax;tmoy",
        "Date;Code INSEE region;Région;TMin  (°C);tmax;TMOY (°C)",
    ],
)
def test_labels_of_any_year_and_technical_names_lead_to_the_same_fields(tmp_path: Path, header: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(f"{header}\n2016-03-09;94;Corse;3.75;12.8;8.28\n".encode("cp1252"))
    state, rows = load(path)
    assert {field.name: field.type for field in state.fields} == {
        "id": "text",
        "date": "date",
        "code_insee_region": "int",
        "region": "text",
        "tmin": "double",
        "tmax": "double",
        "tmoy": "double",
    }
    assert (rows[0]["code_insee_region"], rows[0]["tmin"]) == ("94", "3.75")
    assert (state.notices, state.missing) == (("null in 1 of 1 files: id",), ("id",))


def test_values_are_read_as_published_even_when_they_are_wrong(tmp_path: Path) -> None:
    dataset = "consommation-quotidienne-brute-regionale"
    row = {
        "code_insee_region": "84",
        "date": "2018-02-01",  # day and month swapped
        "heure": "00:00",
        "date_heure": "2018-01-02T00:00:00+01:00",
        "statut_terega": "vers",
    }
    path = tmp_path / f"{dataset}_2018-01.json.gz"
    path.write_bytes(v1_records(dataset, [row]))
    _, rows = load(path, dataset=dataset)
    assert (rows[0]["date"], rows[0]["statut_terega"]) == ("2018-02-01", "vers")


def test_numbers_are_one_text_whatever_their_form_and_what_is_none_stays_as_published(tmp_path: Path) -> None:
    values = {5: "5", "5.0": "5", 1.50: "1.5", -7: "-7", "ND": "ND", "-": "-", None: None, "inf": "inf"}
    path = tmp_path / "x.json"
    rows = [{"date": f"2024-01-{day:02}", "heure": "00:00", "gaz": value} for day, value in enumerate(values, 1)]
    path.write_text(json.dumps(rows), "utf-8")
    _, found = load(path, dataset="eco2mix-national-tr")
    assert {row["date"]: row["gaz"] for row in found} == {
        f"2024-01-{day:02}": text for day, text in enumerate(values.values(), 1)
    }


def test_a_code_keeps_its_zeros(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("date;code_insee_region;region;tmin;tmax;tmoy;lieu\n2016-03-09;94;01;1;2;1.5;01001\n", "utf-8")
    _, rows = load(path)
    assert (rows[0]["region"], rows[0]["lieu"]) == ("01", "01001")


def test_a_column_unknown_to_the_catalogue_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("date;code_insee_region;region;tmin;tmax;tmoy;Column 64\n2016-03-09;94;Corse;1;2;1.5;\n", "utf-8")
    state, rows = load(path)
    assert state.fields[-1] == PortalField("column_64", "Column 64", "text")
    assert rows[0]["column_64"] is None


def test_columns_without_a_name_are_left_out_and_repeated_ones_numbered(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("a;A;b;--;\n1;2;3;4;\n", "utf-8")
    assert load(path)[1] == [{"a": "1", "a_2": "2", "b": "3"}]


@pytest.mark.parametrize("name", ["x.json", "x.csv"])
def test_a_point_is_latitude_first_as_in_an_export(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    point = [{"id_pdc": "1", "coordonneesxy": {"lon": 2.5, "lat": 48.0}}]
    path.write_text(json.dumps(point) if name == "x.json" else "id_pdc;coordonneesxy\n1;48.0,2.5\n", "utf-8")
    _, rows = load(path, dataset="belib-points-de-recharge-pour-vehicules-electriques-disponibilite-temps-reel")
    assert rows[0]["coordonneesxy"] == "48.0, 2.5"


def test_an_empty_array_is_an_empty_data_set(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text("[]", "utf-8")
    state, rows = load(path, dataset="eco2mix-national-tr")
    assert (state.count, rows) == (0, [])


@pytest.mark.parametrize("name", ["x.json", "x.parquet", "x.csv.gz"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"{")
    with pytest.raises(UnexpectedContent, match=name):
        load(path)


TEMPERATURES = "date;code_insee_region;region;tmin;tmax;tmoy\n"


def test_days_are_read_in_every_form_in_which_people_write_them(tmp_path: Path) -> None:
    days = ("01/01/16", "12/03/2016", "2017-04-05", "2018-01-01T00:00:00+00:00")
    path = tmp_path / "t.csv"
    path.write_text(TEMPERATURES + "".join(f"{day};11;Île-de-France;1;3;2\n" for day in days), "utf-8")
    _, rows = load(path)
    assert sorted(row["date"] for row in rows) == ["2016-01-01", "2016-03-12", "2017-04-05", "2018-01-01"]


def test_days_declared_as_text_have_one_form_so_that_a_newer_file_replaces_them(tmp_path: Path) -> None:
    old, new = tmp_path / "x_2025.json", tmp_path / "x_2026.json"
    old.write_text(json.dumps([{"date": "01/02/2026", "heure": "00:00", "consommation": 1}]), "utf-8")
    new.write_text(json.dumps([{"date": "2026-02-01", "heure": "00:00", "consommation": 2}]), "utf-8")
    _, rows = load(old, new, dataset="eco2mix-national-tr")
    assert [(row["date"], row["consommation"]) for row in rows] == [("2026-02-01", "2")]


@pytest.mark.parametrize(
    ("dataset", "text", "words"),
    [
        (
            "temperature-quotidienne-regionale",
            TEMPERATURES + "12/03/2016;11;x;1;3;2\n03/25/2016;11;x;1;3;2\n",
            r"t\.csv, row 2, column 'date': '03/25/2016' is not a date \(1 such.* AAAA-MM-JJ, JJ/MM/AAAA or JJ/MM/AA",
        ),
        (
            "consommation-quotidienne-brute",
            "Date - Heure;Date;Heure\n01/02/2016 à midi;01/02/2016;12:00\n",
            r"t\.csv, row 1, column 'date_heure': '01/02/2016 à midi' is not a datetime .*AAAA-MM-JJTHH:MM:SS",
        ),
    ],
)
def test_a_day_or_an_instant_that_is_none_is_refused_with_file_row_column_and_value(
    tmp_path: Path, dataset: str, text: str, words: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(text, "utf-8")
    with pytest.raises(UnexpectedContent, match=words):
        load(path, dataset=dataset)


def test_one_bad_byte_in_a_utf_8_file_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes((TEMPERATURES + "2016-01-01;11;Île-de-France;1;3;2\n").encode() + b"2016-01-02;11;\xce;1;3;2\n")
    with pytest.raises(UnexpectedContent, match=r"t\.csv.*0xCE of line 3"):
        load(path, dataset="temperature-quotidienne-regionale")


XLS = "Périmètre\tNature\tDate\tHeures\tConsommation\n"


def xls(path: Path, *rows: tuple[str, str, str, int]) -> Path:
    """Write a file as RTE does: a TAB too many on each line of data, cp1252, a notice at the end."""
    lines = "".join(f"{where}\tDonnées temps réel\t{day}\t{label}\t{mw}\t\n" for where, day, label, mw in rows)
    path.write_bytes(f"{XLS}{lines}RTE ne pourra être tenu responsable de l’usage de ces données\n".encode("cp1252"))
    return path


def test_a_file_of_rte_gets_its_instants_from_day_and_label(tmp_path: Path) -> None:
    path = xls(tmp_path / "eCO2mix.xls", ("France", "2026-02-01", "00:15", 58695), ("France", "01/07/2026", "12:00", 1))
    state, rows = load(path, dataset="eco2mix-national-tr")
    assert {(row["date"], row["heure"], row["date_heure"]) for row in rows} == {
        ("2026-02-01", "00:15", "2026-01-31 23:15:00"),
        ("2026-07-01", "12:00", "2026-07-01 10:00:00"),
    }
    assert "restored in 1 of 1 files: date_heure" in state.notices


def test_labels_at_both_changes_of_the_clock_have_the_instants_that_published_sets_give_them(tmp_path: Path) -> None:
    """Spring: 02:00, which no clock shows, has the instant of 03:00. Autumn: 02:00 comes once, for its second pass."""
    labels = ("01:45", "02:00", "02:45", "03:00")
    rows = [("France", day, label, 1) for day in ("2025-03-30", "2025-10-26") for label in labels]
    _, served = load(xls(tmp_path / "eCO2mix.xls", *rows), dataset="eco2mix-national-tr")
    instants = {(row["date"], row["heure"]): row["date_heure"][11:16] for row in served}
    assert [instants["2025-03-30", label] for label in labels] == ["00:45", "01:00", "01:45", "01:00"]
    assert [instants["2025-10-26", label] for label in labels] == ["23:45", "01:00", "01:45", "02:00"]


def test_a_regional_file_of_rte_gets_the_code_of_its_region(tmp_path: Path) -> None:
    rows = [("Ile-de-France", "2026-02-01", "00:00", 1), ("Atlantide", "2026-02-01", "00:00", 2)]
    _, served = load(xls(tmp_path / "eCO2mix.xls", *rows), dataset="eco2mix-regional-tr")
    assert {(row["code_insee_region"], row["libelle_region"]) for row in served} == {
        ("11", "Île-de-France"),
        (None, None),
    }


def test_a_published_row_without_an_instant_is_left_without_one(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("Date - Heure;Date;Heure\n2019-04-01T00:00:00+00:00;01/04/2019;02:00\n;01/04/2019;12:00\n", "utf-8")
    _, rows = load(path, dataset="consommation-quotidienne-brute")
    assert {row["heure"]: row["date_heure"] for row in rows} == {"02:00": "2019-04-01 00:00:00", "12:00": None}
