"""The quick reader of plain CSVs gives what DuckDB gives, or leaves the file to it."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.database import connect
from dataelec_assets.errors import ContractViolation
from dataelec_assets.lake import reading
from dataelec_assets.lake.arrow_reading import has_twins, is_ascending, read_rows
from dataelec_assets.lake.file_formats import inspect
from dataelec_assets.lake.parquet import schema_of

TEMPERATURE = load_catalog()["temperature-quotidienne-regionale"]
NATIONAL = load_catalog()["consommation-quotidienne-brute"]

HEADER = "date;code_insee_region;region;tmin;tmax;tmoy"
ROW = "2019-03-01;11;Île-de-France;5.1;12.3;8.7"
LAST = date(2026, 1, 1)

THREE = pa.schema({"x": pa.int64(), "y": pa.string(), "z": pa.int64()})


def text(*rows: str, header: str = HEADER, end: str = "\n") -> str:
    return end.join([header, *rows, ""])


PLAIN = {
    "as exported": text(ROW, "2019-03-02;84;;-0.5;1e1;4."),
    "unsorted": text("2019-03-02;84;a;1;2;3", ROW, "2019-03-01;93;b;4;5;6"),
    "a byte order mark": "\ufeff" + text(ROW),
    "CRLF": text(ROW, ROW.replace("11", "24"), end="\r\n"),
    "quoted fields": text('2019-03-01;11;"Île; de ""France""";5.1;12.3;8.7'),
    "a line end in a text": text('2019-03-01;11;"Île\nde France";5.1;12.3;8.7'),
    "French days": text("01/03/2019;11;a;5.1;12.3;8.7", "31/12/2019;24;a;5.1;12.3;8.7"),
    "a column more": text(f"{ROW};x", header=f"{HEADER};nouvelle"),
    "spaces around numbers": text("2019-03-01;11;a; 5.1;12.3 ;8.7"),
    "a key twice": text(ROW, ROW),
}

LEFT_TO_DUCKDB = {
    "a quote inside a text": text('2019-03-01;11;Île-de-"France";5.1;12.3;8.7'),
    "a quote that is never closed": text('2019-03-01;11;"Île;5.1;12.3;8.7', ROW),
    "letters after a quote": text('2019-03-01;11;"Île"s;5.1;12.3;8.7'),
    "a cut line": text(ROW) + "2019-03-02;11",
    "a field more": text(ROW, f"{ROW};x"),
    "an empty line": text(ROW, "", ROW.replace("11", "24")),
    "a decimal comma": text("2019-03-01;11;a;5,1;12.3;8.7"),
    "a word for a number": text("2019-03-01;11;a;froid;12.3;8.7"),
    "not a number": text("2019-03-01;11;a;nan;12.3;8.7"),
    "infinite": text("2019-03-01;11;a;inf;12.3;8.7"),
    "a day that is none": text("2019-02-30;11;a;5.1;12.3;8.7"),
    "two forms of days": text(ROW, "02/03/2019;11;a;5.1;12.3;8.7"),
    "years of two digits": text("01/03/19;11;a;5.1;12.3;8.7"),
    "a day as an instant": text("2019-03-01T00:00:00;11;a;5.1;12.3;8.7"),
    "a day of tomorrow's year": text("2027-03-01;11;a;5.1;12.3;8.7"),
    "a day before the history": text("1919-03-01;11;a;5.1;12.3;8.7"),
    "no day": text(";11;a;5.1;12.3;8.7"),
    "an unknown region": text("2019-03-01;99;a;5.1;12.3;8.7"),
    "no region": text("2019-03-01;;a;5.1;12.3;8.7"),
    "a control character": text("2019-03-01;11;a\x07b;5.1;12.3;8.7"),
    "a header twice": text(f"{ROW};9", header=f"{HEADER};tmoy"),
    "CR alone": text(ROW, end="\r"),
    "lines that end in two ways": text(ROW) + ROW.replace("11", "24") + "\r\n",
    "no row": text(),
}


@pytest.fixture
def only_duckdb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "read_rows", lambda *_: None)


@pytest.mark.usefixtures("only_duckdb")
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
@pytest.mark.parametrize("name", PLAIN)
def test_a_plain_file_is_read_as_duckdb_reads_it(tmp_path: Path, name: str, encoding: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(PLAIN[name].encode(encoding, "ignore"))
    raw, cursor = inspect(TEMPERATURE.id, path), connect()
    quick = read_rows(TEMPERATURE, raw, LAST)
    assert quick is not None
    facts = reading.load(cursor, TEMPERATURE, raw, "slow", last=LAST)
    slow = cursor.sql("FROM slow").to_arrow_table().cast(schema_of(TEMPERATURE))
    assert quick.facts == facts
    assert quick.table.cast(schema_of(TEMPERATURE)).equals(slow)
    assert quick.is_doubled == (name == "a key twice")


@pytest.mark.parametrize("name", LEFT_TO_DUCKDB)
def test_what_is_unusual_is_left_to_duckdb_which_may_refuse_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(LEFT_TO_DUCKDB[name].encode())
    assert read_rows(TEMPERATURE, inspect(TEMPERATURE.id, path), LAST) is None


def test_a_column_that_is_missing_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text(
        text("2019-03-01;11;a;5.1;12.3", header="date;code_insee_region;region;tmin;tmax"), encoding="utf-8"
    )
    with pytest.raises(ContractViolation, match="'tmoy' is missing"):
        read_rows(TEMPERATURE, inspect(TEMPERATURE.id, path), LAST)


@pytest.mark.parametrize(
    ("instant", "is_plain"),
    [
        ("2019-12-31T23:30:00+00:00", True),
        ("2020-01-01T00:30:00+01:00", True),
        ("2020-01-01T00:30:00Z", True),
        ("2020-01-01 00:30:00+01:00", True),
        ("2020-01-01T00:30:00", False),
        ("2020-01-01", False),
        ("2020-01-01T24:30:00+01:00", False),
        ("2020-01-01T00+01:00", False),
    ],
)
def test_only_whole_instants_with_an_offset_are_read(tmp_path: Path, instant: str, *, is_plain: bool) -> None:
    path = tmp_path / "file.csv"
    header = ";".join(column.name for column in NATIONAL.columns)
    fields = {"date_heure": instant, "date": "01/01/2020", "heure": "00:30", "statut_rte": "Consolidé"}
    row = ";".join(fields.get(column.name, "") for column in NATIONAL.columns)
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")
    raw = inspect(NATIONAL.id, path)
    quick = read_rows(NATIONAL, raw, LAST)
    assert (quick is not None) == is_plain
    if quick is not None:
        facts = reading.load(connect(), NATIONAL, raw, "slow", last=LAST)
        assert quick.facts == facts


KEYS = [(1, "a"), (1, "b"), (2, "a"), (2, "b")]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (KEYS, True),
        (KEYS[:1], True),
        ([KEYS[0], KEYS[0], *KEYS[1:]], False),  # twins
        ([KEYS[1], KEYS[0], *KEYS[2:]], False),  # by the second name
        ([*KEYS[:2], KEYS[3], KEYS[2]], False),
        ([KEYS[2], KEYS[1]], False),  # by the first, against the second
        ([(2, "b"), (1, "c")], False),
        ([(1, "é"), (1, "z")], False),  # by bytes, as a sort does
        ([*KEYS, (3, None)], False),  # a sort knows where nulls go
    ],
)
def test_rows_are_ascending_when_each_comes_after_the_one_before(
    keys: list[tuple[int, str | None]], *, expected: bool
) -> None:
    table = pa.table({"number": [key[0] for key in keys], "name": pa.array([key[1] for key in keys], pa.string())})
    assert is_ascending(table, ("number", "name")) is expected


@pytest.mark.parametrize("seed", range(5))
def test_ascending_rows_are_those_that_a_sort_leaves_alone_and_have_no_twins(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - no secret
    seen = set()
    for _ in range(200):
        rows = [(draw.randint(0, 3), draw.choice("aé"), draw.randint(0, 2)) for _ in range(draw.randint(0, 4))]
        if draw.random() < 0.5:
            rows.sort(key=lambda row: (row[0], row[1].encode(), row[2]))
        table = pa.table({name: [row[place] for row in rows] for place, name in enumerate("xyz")}, THREE)
        order = table.sort_by([(name, "ascending") for name in "xyz"])
        found = is_ascending(table, "xyz")
        assert found == (order.equals(table) and not has_twins(order, "xyz"))
        seen.add(found)
    assert seen == {True, False}
