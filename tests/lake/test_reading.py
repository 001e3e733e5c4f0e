"""Published files are read by contract, in every shape, and refused with a message that names the fault."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.database import connect
from dataelec_assets.errors import ContractViolation
from dataelec_assets.lake.file_formats import inspect
from dataelec_assets.lake.reading import load
from tests.reading import read_table

NATIONAL = load_catalog()["consommation-quotidienne-brute"]
REGIONAL = load_catalog()["consommation-quotidienne-brute-regionale"]
TEMPERATURE = load_catalog()["temperature-quotidienne-regionale"]
GAS = load_catalog()["stock-quotidien-stockages-gaz"]
ECO2MIX = load_catalog()["eco2mix-national-tr"]
EXCHANGES = load_catalog()["imports-exports-commerciaux"]

TEMPERATURE_CSV = "date;code_insee_region;region;tmin;tmax;tmoy\n2019-03-01;11;Île-de-France;5.1;12.3;8.7\n"


def read(dataset: object, path: Path) -> pa.Table:
    return read_table(connect(), dataset, inspect(dataset.id, path))  # type: ignore[attr-defined, arg-type]


def write(tmp_path: Path, text: str, name: str = "file.csv", encoding: str = "utf-8") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_a_csv_is_read_with_or_without_bom_and_in_latin_1(tmp_path: Path, encoding: str) -> None:
    labels = "Date;Code INSEE région;Région;TMin (°C);TMax (°C);TMoy (°C)\n2019-03-01;11;Île-de-France;5.1;12.3;8.7\n"
    table = read(TEMPERATURE, write(tmp_path, labels, encoding=encoding))
    assert table.to_pylist() == [
        {
            "id": None,
            "date": date(2019, 3, 1),
            "code_insee_region": "11",
            "region": "Île-de-France",
            "tmin": 5.1,
            "tmax": 12.3,
            "tmoy": 8.7,
        }
    ]


def test_a_csv_with_crlf_and_quoted_separators_is_read(tmp_path: Path) -> None:
    text = 'date;stock_fin_de_journee;source;pits\r\n2019-03-01;1.5;"Sto;rengy";Centre\r\n'
    assert read(GAS, write(tmp_path, text)).column("source").to_pylist() == ["Sto;rengy"]


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_compressed_csv_is_read(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"file.csv{suffix}"
    with pa.CompressedOutputStream(str(path), "gzip" if suffix == ".gz" else "zstd") as stream:
        stream.write(TEMPERATURE_CSV.encode())
    assert read(TEMPERATURE, path).num_rows == 1


def test_a_date_in_the_french_order_is_a_date(tmp_path: Path) -> None:
    header = ";".join(column.labels[0] for column in NATIONAL.columns)
    row = "2019-12-31T23:30:00+00:00;;;;;;65916;Consolidé;;01/01/2020;00:30;non"
    table = read(NATIONAL, write(tmp_path, f"{header}\n{row}\n"))
    assert table.column("date").to_pylist() == [date(2020, 1, 1)]
    assert table.column("date_heure").to_pylist() == [datetime(2019, 12, 31, 23, 30, tzinfo=UTC)]
    assert table.column("consommation_brute_gaz_totale").to_pylist() == [None]


def test_instants_with_any_offset_become_utc(tmp_path: Path) -> None:
    records = [{"fields": {"code_insee_region": "11", "date_heure": "2019-07-01T00:00:00+02:00", "heure": "00:00"}}]
    path = write(tmp_path, json.dumps([{"recordid": "x", **record} for record in records]), "file.json")
    assert read(REGIONAL, path).column("date_heure").to_pylist() == [datetime(2019, 6, 30, 22, tzinfo=UTC)]


def test_api_v1_records_omit_their_nulls(tmp_path: Path) -> None:
    path = tmp_path / "file.json.gz"
    fields = {"code_insee_region": "53", "date_heure": "2019-07-01T00:30:00+02:00", "heure": "00:30"}
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        json.dump([{"datasetid": REGIONAL.id, "recordid": "x", "fields": fields}], stream)
    table = read(REGIONAL, path)
    assert table.column("consommation_brute_gaz_totale").to_pylist() == [None]
    assert table.column_names == list(REGIONAL.column_names)


def test_numbers_and_texts_of_numbers_and_markers_are_read_alike(tmp_path: Path) -> None:
    base = dict.fromkeys(ECO2MIX.column_names)
    rows = [
        {**base, "nature": "Données temps réel", "date": "2026-03-01", "heure": heure, "pompage": value}
        | {"date_heure": f"2026-03-01T{heure}:00+01:00"}
        for heure, value in (("00:00", -7), ("00:15", "-7"), ("00:30", "ND"), ("00:45", "-"), ("01:00", None))
    ]
    table = read(ECO2MIX, write(tmp_path, json.dumps(rows), "file.json"))
    assert table.column("pompage").to_pylist() == [-7.0, -7.0, None, None, None]


def test_markers_are_null_in_csv_too(tmp_path: Path) -> None:
    header = ";".join(EXCHANGES.column_names)
    table = read(EXCHANGES, write(tmp_path, f"{header}\n2019-01-01;1;1;ND;-;-4;5;-6;7;-8;9;;11;-12\n"))
    assert table.select(["gb_fr", "fr_cwe", "es_fr", "export_france"]).to_pylist() == [
        {"gb_fr": None, "fr_cwe": None, "es_fr": None, "export_france": 11.0}
    ]


@pytest.mark.parametrize("code", [1, 11])
def test_a_parquet_with_a_numeric_region_code_gets_its_two_characters(tmp_path: Path, code: int) -> None:
    table = pa.table(
        {
            "date": pa.array([date(2019, 3, 1)]),
            "code_insee_region": pa.array([code], pa.int64()),
            "region": ["x"],
            "tmin": [1.0],
            "tmax": [3.0],
            "tmoy": [2.0],
        }
    )
    pq.write_table(table, tmp_path / "file.parquet")
    if code == 1:
        with pytest.raises(ContractViolation, match="'01'"):
            read(TEMPERATURE, tmp_path / "file.parquet")
    else:
        assert read(TEMPERATURE, tmp_path / "file.parquet").column("code_insee_region").to_pylist() == ["11"]


def test_rows_come_sorted_by_key_whatever_the_order_of_the_file(tmp_path: Path) -> None:
    rows = ["2019-03-02;2;Storengy;Centre", "2019-03-01;1;Teréga;Teréga", "2019-03-01;1;Storengy;Saline"]
    header = "date;stock_fin_de_journee;source;pits"
    tables = [
        read(GAS, write(tmp_path, "\n".join([header, *order]) + "\n"))
        for order in (rows, rows[::-1], rows[1:] + rows[:1])
    ]
    assert tables[0].equals(tables[1])
    assert tables[0].equals(tables[2])
    assert tables[0].column("pits").to_pylist() == ["Saline", "Teréga", "Centre"]


def test_a_missing_column_is_named_with_what_the_file_has(tmp_path: Path) -> None:
    path = write(tmp_path, TEMPERATURE_CSV.replace("tmoy", "moyenne"))
    with pytest.raises(ContractViolation, match=r"'tmoy' is missing; the file has .*moyenne") as caught:
        read(TEMPERATURE, path)
    assert caught.value.column == "tmoy"
    assert TEMPERATURE.id in str(caught.value)


def test_a_column_missing_from_a_json_export_is_named(tmp_path: Path) -> None:
    rows = [{name: None for name in ECO2MIX.column_names if name != "nucleaire"}]
    with pytest.raises(ContractViolation, match="'nucleaire' is missing"):
        read(ECO2MIX, write(tmp_path, json.dumps(rows), "file.json"))


@pytest.mark.parametrize("shape", ["csv", "json"])
def test_text_in_a_numeric_column_is_named_with_an_example(tmp_path: Path, shape: str) -> None:
    row = {"date": "2019-03-01", "code_insee_region": "11", "region": "x", "tmin": "froid", "tmax": "3", "tmoy": "2"}
    text = json.dumps([row]) if shape == "json" else f"{';'.join(row)}\n{';'.join(row.values())}\n"
    with pytest.raises(
        ContractViolation, match=r"'tmin' holds 1 value\(s\) that cannot be read as double, such as 'froid'"
    ) as caught:
        read(TEMPERATURE, write(tmp_path, text, f"file.{shape}"))
    assert caught.value.column == "tmin"


def test_an_unreadable_date_is_named(tmp_path: Path) -> None:
    header = ";".join(column.labels[0] for column in NATIONAL.columns)
    row = "2019-12-31T23:30:00+00:00;;;;;;65916;Consolidé;;2020-13-01;00:30;non"
    with pytest.raises(ContractViolation, match="'date' holds 1 value"):
        read(NATIONAL, write(tmp_path, f"{header}\n{row}\n"))


def test_a_marker_of_null_is_no_value_for_a_column_that_does_not_declare_it(tmp_path: Path) -> None:
    path = write(tmp_path, TEMPERATURE_CSV.replace("5.1", "ND"))
    with pytest.raises(ContractViolation, match="'tmin'"):
        read(TEMPERATURE, path)


def test_a_null_that_may_not_be_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, TEMPERATURE_CSV.replace("8.7", ""))
    with pytest.raises(ContractViolation, match="'tmoy' is null on 1 of 1 rows"):
        read(TEMPERATURE, path)


def test_an_unknown_region_code_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, TEMPERATURE_CSV.replace(";11;", ";99;"))
    with pytest.raises(ContractViolation, match="'99'") as caught:
        read(TEMPERATURE, path)
    assert caught.value.column == "code_insee_region"


@pytest.mark.real
def test_every_published_file_of_odre_is_read_whole(real_data: Path) -> None:
    manifest = json.loads((real_data / "manifest.json").read_text(encoding="utf-8"))
    files = [
        entry
        for entry in manifest["entries"]
        if entry["portal"] == "odre" and entry["dataset_id"] in load_catalog() and "snapshot" not in entry["path"]
    ]
    assert len(files) == 36
    read_rows = {
        each["path"]: read(load_catalog()[each["dataset_id"]], real_data / each["path"]).num_rows for each in files
    }
    assert read_rows == {each["path"]: each["rows"] for each in files}


@pytest.mark.parametrize("value", ["inf", "-Infinity", "nan"])
@pytest.mark.parametrize("shape", ["csv", "json", "parquet"])
def test_a_number_that_is_not_finite_is_refused_with_column_count_and_example(
    tmp_path: Path, shape: str, value: str
) -> None:
    row = {"date": "2019-03-01", "code_insee_region": "11", "region": "x", "tmin": value, "tmax": "3", "tmoy": "2"}
    path = write(tmp_path, f"{';'.join(row)}\n{';'.join(row.values())}\n")
    if shape == "json":
        path = write(tmp_path, json.dumps([row]), "file.json")
    if shape == "parquet":
        path = tmp_path / "file.parquet"
        pq.write_table(pa.Table.from_pylist([{**row, "tmin": float(value)}]), path)
    with pytest.raises(ContractViolation, match=r"'tmin' holds 1 value.* not finite numbers, such as '-?\w+'"):
        read(TEMPERATURE, path)


def test_control_characters_give_way_to_a_space_and_are_told(tmp_path: Path) -> None:
    cursor = connect().cursor()
    path = write(tmp_path, TEMPERATURE_CSV.replace("Île-de-France", "Île\x00de\x1bFrance"))
    facts = load(cursor, TEMPERATURE, inspect(TEMPERATURE.id, path), "t")
    assert cursor.execute("SELECT region FROM t").fetchall() == [("Île de France",)]
    (note,) = facts.notes
    assert "'region' holds 1 value(s) with control characters, such as 'Île\\x00de\\x1bFrance'" in note


def test_line_ends_and_tabs_of_an_address_stay(tmp_path: Path) -> None:
    text = TEMPERATURE_CSV.replace("Île-de-France", '"Île\n\tde France"')
    assert read(TEMPERATURE, write(tmp_path, text)).column("region").to_pylist() == ["Île\n\tde France"]


def test_a_control_character_in_a_key_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, f"{';'.join(GAS.column_names)}\n2019-03-01;1.5;Sto\x00rengy;Centre\n")
    with pytest.raises(ContractViolation, match=r"'source' holds 1 value\(s\) with control .* such as 'Sto\\x00rengy'"):
        read(GAS, path)


def test_what_only_windows_writes_is_read(tmp_path: Path) -> None:
    labels = "Date;Code INSEE région;Région;TMin (°C);TMax (°C);TMoy (°C)\n2019-03-01;11;L’Œuvre;5.1;12.3;8.7\n"
    path = write(tmp_path, labels, encoding="cp1252")
    assert inspect(TEMPERATURE.id, path).encoding == "cp1252"
    assert read(TEMPERATURE, path).column("region").to_pylist() == ["L’Œuvre"]


def test_a_byte_of_no_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(TEMPERATURE_CSV.encode("cp1252").replace(b"de", b"\x81\x9c"))
    with pytest.raises(ContractViolation, match=r"byte 0x81 is neither UTF-8 nor cp1252.*file\.csv"):
        read(TEMPERATURE, path)
