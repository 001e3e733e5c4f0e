"""Whatever is in a file or an archive, reading it gives rows or a fault of its source: nothing else, and soon.

``DATAELEC_FUZZ`` sets for how many seconds more a shape is tried, on other files each time: ``make bench PARTS=fuzz``.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dataelec_assets.catalog import Catalog, Dataset, load_catalog
from dataelec_assets.database import connect
from dataelec_assets.errors import LakeError, SourceError, UnexpectedContent
from dataelec_assets.lake.file_formats import inspect, unknown_headers
from dataelec_assets.lake.reading import load
from dataelec_assets.portals.folder.readers import stage_file
from tests.faults.mutations import mutated
from tests.portals.file_replies import BODY, COMMUNES, archive, fetched, zipped
from tests.portals.support import Script
from tests.reading import arrow_of

SECONDS = float(os.environ.get("DATAELEC_FUZZ", "0"))
# Of the suite: always the same ones.
EXAMPLES = 150

# What one file of a few kilobytes may take; the slowest took a tenth of it on two busy cores.
LONGEST = 5.0

NATIONAL, MOVEMENTS, TEMPERATURE = (
    "consommation-quotidienne-brute",
    "code-officiel-geographique-communes",
    "temperature-quotidienne-regionale",
)
CATALOG: Catalog = load_catalog()
DATABASE = connect()
TEXT = {"text": "Île 1", "int": "1", "double": "1.5", "date": "2023-02-01", "datetime": "2023-02-01T00:00:00+00:00"}


def rows_of(dataset: Dataset) -> list[dict[str, str]]:
    """Return three rows of a data set by the names of its columns."""
    row = {
        column.name: f"{'01/02/2023' if column.date_format else TEXT[column.type]}"
        for column in dataset.columns
        if column.name != dataset.stamped_by
    }
    if dataset.territories:
        row[dataset.territories] = "11"
    return [row] * 3


def csv_of(dataset: Dataset, delimiter: str = ";") -> bytes:
    rows = rows_of(dataset)
    lines = [delimiter.join(rows[0]), *(delimiter.join(f'"{cell}"' for cell in row.values()) for row in rows)]
    return "\n".join([*lines, ""]).encode()


def xls_of(dataset: Dataset) -> bytes:
    """Return the text of RTE's .xls: tabs, cp1252, a tab too much in each line, a legal notice at the end."""
    rows = rows_of(dataset)
    lines = ["\t".join(rows[0]), *("\t".join(row.values()) + "\t" for row in rows), "RTE ne garantit pas…"]
    return "\r\n".join(lines).encode("cp1252")


def parquet_of(dataset: Dataset) -> bytes:
    written = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows_of(dataset)), written)
    return written.getvalue()


def v1_of(dataset: Dataset) -> bytes:
    return json.dumps([{"recordid": "1", "fields": row} for row in rows_of(dataset)]).encode()


def json_of(dataset: Dataset) -> bytes:
    return json.dumps(rows_of(dataset), ensure_ascii=False).encode()


SHAPES: dict[str, tuple[str, Callable[[Dataset], bytes]]] = {
    "csv": (NATIONAL, csv_of),
    "csv by commas": (MOVEMENTS, lambda dataset: csv_of(dataset, ",")),
    "json": (TEMPERATURE, json_of),
    "records-v1": (NATIONAL, v1_of),
    "parquet": (TEMPERATURE, parquet_of),
    "xls-text": (NATIONAL, xls_of),
}


def outcome_of(dataset: Dataset, path: Path) -> str:
    """Read a file as an arrival is read; return what came of it."""
    began = time.monotonic()
    try:
        raw = inspect(dataset.id, path)
        raw = replace(raw, stamp="2026-01-01T00:00:00+00:00") if dataset.stamped_by else raw
        cursor = DATABASE.cursor()
        load(cursor, dataset, raw, "arrival")
        arrow_of(cursor, "arrival")
        unknown_headers(dataset, raw)
        outcome = "rows"
    except (SourceError, LakeError) as error:
        outcome = type(error).__name__ if dataset.id in str(error) else f"unnamed {error!r}"
    assert time.monotonic() - began < LONGEST
    return outcome


def stored(path: Path, body: bytes) -> Path:
    """Write a file as a portal's arrival is stored; Parquet only comes from folders."""
    if path.suffix == ".zst":
        with pa.output_stream(str(path), compression="zstd") as stream:
            stream.write(body)
    else:
        path.write_bytes(body)
    return path


def draws() -> Iterator[random.Random]:
    """Yield sources of chance: the same ones in the suite, others for as long as a campaign lasts."""
    end = time.monotonic() + SECONDS
    number = 0 if not SECONDS else time.time_ns()
    yield from (random.Random(each) for each in range(EXAMPLES))  # noqa: S311 - no secret is drawn
    while time.monotonic() < end:
        number += 1
        yield random.Random(number)  # noqa: S311


@pytest.mark.parametrize("shape", SHAPES)
def test_a_file_in_which_something_is_wrong_gives_rows_or_a_fault_of_its_source(shape: str, tmp_path: Path) -> None:
    dataset_id, write = SHAPES[shape]
    dataset, found = CATALOG[dataset_id], Counter[str]()
    sound = write(dataset)
    for draw in draws():
        name = f"part.{'parquet' if shape == 'parquet' and draw.random() < 0.8 else 'csv.zst'}"
        found[outcome_of(dataset, stored(tmp_path / name, mutated(sound, draw)))] += 1
    assert found.keys() <= {"rows", "ContractViolation", "IncompleteExport", "UnexpectedContent"}, found
    # Something was tried: not every mutation is harmless, and nearly every shape is harmed in more than one way.
    assert found.total() - found["rows"] > EXAMPLES / 2, found


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape != "xls-text"])
def test_the_file_itself_is_read(shape: str, tmp_path: Path) -> None:
    dataset_id, write = SHAPES[shape]
    dataset = CATALOG[dataset_id]
    path = stored(tmp_path / f"part.{'parquet' if shape == 'parquet' else 'csv.zst'}", write(dataset))
    assert load(DATABASE.cursor(), dataset, inspect(dataset_id, path), "arrival").rows == 3


def test_an_archive_in_which_something_is_wrong_gives_its_member_or_a_fault_of_its_source(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("lisez-moi.txt", "x" * 500)
        file.writestr("donnees_communes.csv", BODY * 20)
    found: Counter[str] = Counter()
    for draw in draws():
        body = mutated(draw.choice((packed.getvalue(), archive({"donnees_communes.csv": BODY}))), draw)

        def reply(body: bytes = body) -> httpx.Response:
            return zipped(body, pieces=10_000)

        began = time.monotonic()
        try:
            fetched(Script(reply), tmp_path)
            found["rows"] += 1
        except (SourceError, LakeError) as error:
            found[type(error).__name__ if COMMUNES.id in str(error) else f"unnamed {error!r}"] += 1
        assert time.monotonic() - began < LONGEST
        assert {path.name for path in tmp_path.iterdir()} <= {"part"}
    assert found.keys() <= {"rows", "IncompleteExport", "UnexpectedContent"}, found
    assert found.total() - found["rows"] > EXAMPLES / 2, found


@pytest.mark.parametrize("shape", SHAPES)
def test_a_folder_refuses_what_it_cannot_read_by_its_name(shape: str, tmp_path: Path) -> None:
    dataset_id, write = SHAPES[shape]
    sound, refused = write(CATALOG[dataset_id]), 0
    endings = {"parquet": ".parquet", "xls-text": ".xls", "json": ".json", "records-v1": ".json.gz"}
    path = tmp_path / f"published{endings.get(shape, '.csv')}"
    for draw in draws():
        body = mutated(sound, draw)
        path.write_bytes(gzip.compress(body, mtime=0) if path.suffix == ".gz" and draw.random() < 0.8 else body)
        try:
            stage_file(DATABASE.cursor(), dataset_id, path)
        except UnexpectedContent as error:
            refused += str(path) in str(error)
    assert refused > EXAMPLES / 10


TOKENS = st.sampled_from(
    [
        *(
            b";",
            b",",
            b"\n",
            b"\r\n",
            b"\r",
            b'"',
            b"\t",
            b"\xef\xbb\xbf",
            b"\xe9",
            b"\x00",
            b"[",
            b"{",
            b"}",
            b"]",
            b":",
        ),
        *(b'"fields"', b'"recordid"', b"PAR1", b"date", b"code_insee_region", b"region", b"tmin", b"tmax", b"tmoy"),
        *(b"2023-02-01", b"11", b"1.5", b"1e999", b"ND", b"null", b"PK\x03\x04", b"\x1f\x8b", b"\xff\xfe"),
    ]
)


@settings(max_examples=300, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.one_of(st.lists(TOKENS, max_size=40).map(b"".join), st.binary(max_size=200)))
def test_a_file_made_of_anything_gives_rows_or_a_fault_of_its_source(
    tmp_path_factory: pytest.TempPathFactory, body: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "anything.csv"
    assert outcome_of(CATALOG[TEMPERATURE], stored(path, body)) in {
        *("rows", "ContractViolation", "IncompleteExport", "UnexpectedContent")
    }
