"""Every format holds the same rows."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataelec_assets.serving.api.formats import Format, negotiate, selection
from dataelec_assets.serving.api.paging import ROW_NUMBER, Order
from dataelec_assets.serving.api.problems import Problem
from dataelec_assets.serving.api.publication import open_publication
from dataelec_assets.serving.api.queries import of_table

TABLES = ("mart_essai", "fct_temperature_regionale", "fct_consommation_regionale", "dim_region")


def rows_of(response: httpx.Response, kind: str) -> list[dict[str, Any]]:
    """Return the rows as JSON would hold them."""
    if kind == "json":
        rows: list[dict[str, Any]] = response.json()["donnees"]
        return rows
    if kind == "parquet":
        return [plain(row) for row in pq.read_table(io.BytesIO(response.content)).to_pylist()]
    return [plain(row) for row in pa.ipc.open_stream(response.content).read_all().to_pylist()]


def plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return None if value == float("inf") else value  # which JSON cannot write


def as_csv(row: dict[str, Any]) -> dict[str, str]:
    words = {None: "", True: "true", False: "false"}
    return {
        name: words[value] if value is None or isinstance(value, bool) else str(value) for name, value in row.items()
    }


def same_number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("suffix", ["", "&limite=10000"], ids=["whole", "page"])
def test_every_format_holds_the_same_rows_in_the_same_order(client: httpx.Client, table: str, suffix: str) -> None:
    expected = rows_of(client.get(f"/v1/tables/{table}?limite=10000"), "json")
    assert len(expected) == {"mart_essai": 6, "fct_temperature_regionale": 20, "dim_region": 5}.get(table, 2 * 33 * 48)
    for kind in ("parquet", "arrow"):
        response = client.get(f"/v1/tables/{table}?format={kind}{suffix}")
        assert rows_of(response, kind) == expected, kind
    text = client.get(f"/v1/tables/{table}?format=csv{suffix}").text
    found = [{name: same_number(value) for name, value in row.items()} for row in csv.DictReader(io.StringIO(text))]
    wanted = [{name: same_number(value) for name, value in as_csv(row).items()} for row in expected]
    for row in (row for row in found if row.get("mesure_mw") == float("inf")):
        row["mesure_mw"] = ""
    assert found == wanted


def test_the_french_csv_is_what_a_french_spreadsheet_reads(client: httpx.Client) -> None:
    response = client.get("/v1/tables/mart_essai?format=csv-fr&entier=1")
    text = response.content.decode("utf-8-sig")
    assert response.content.startswith(b"\xef\xbb\xbf")
    (row,) = csv.DictReader(io.StringIO(text), delimiter=";")
    assert row == {
        "texte": 'é; "x"',
        "entier": "1",
        "mesure_mw": "0,1",
        "drapeau": "vrai",
        "jour": "2024-01-31",
        "instant_utc": "2024-03-31 01:00:00",
    }


def test_rows_are_ordered_by_their_numbers_whatever_these_are_written_like(served_file: Path) -> None:
    publication, _ = open_publication(served_file)
    columns = publication.tables["mart_essai"].columns
    question = of_table(publication.tables["mart_essai"])
    question = replace(question, key=(columns["mesure_mw"], ROW_NUMBER)).only([columns["mesure_mw"]])
    order, cursor = Order(question.key), publication.connection.cursor()
    for statement, parameters in (
        question.page_sql(selection(Format.CSV_FR, question.columns), order, limit=10, offset=0),
        (question.whole_sql(selection(Format.CSV_FR, question.columns), order), []),
    ):
        found = [row[0] for row in cursor.execute(statement, parameters).fetchall()]
        assert found == ["-1e-07", "0,1", "2,0", "1e+22", "inf", None]
    publication.retire()


def test_files_say_their_units_and_their_publication(client: httpx.Client) -> None:
    response = client.get("/v1/temperatures?format=parquet")
    schema = pq.read_schema(io.BytesIO(response.content))
    assert schema.metadata[b"publication_id"] == b"publication-1"
    assert schema.field("temperature_min_c").metadata[b"unite"] == "°C".encode()
    assert response.headers["content-disposition"] == 'attachment; filename="fct_temperature_regionale.parquet"'
    assert "content-encoding" not in response.headers
    page = client.get("/v1/temperatures?limite=1").json()
    assert page["meta"]["unites"]["temperature_min_c"] == "°C"
    assert page["meta"]["publication"] == {
        "publication_id": "publication-1",
        "publiee_a": "2026-11-20T06:00:00Z",
        "est_synthetique": True,
    }


def test_an_empty_answer_is_a_whole_file_in_every_format(client: httpx.Client) -> None:
    url = "/v1/tables/dim_region?code_region=zz"
    assert client.get(url).json()["donnees"] == []
    assert pq.read_table(io.BytesIO(client.get(f"{url}&format=parquet").content)).num_rows == 0
    assert pa.ipc.open_stream(client.get(f"{url}&format=arrow").content).read_all().num_rows == 0
    assert client.get(f"{url}&format=csv").text.count("\n") == 1


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, Format.JSON),
        ("*/*", Format.JSON),
        ("text/html,application/xhtml+xml,*/*;q=0.8", Format.JSON),
        ("text/csv", Format.CSV),
        ("application/json;q=0.5, application/vnd.apache.parquet", Format.PARQUET),
        ("application/vnd.apache.arrow.stream", Format.ARROW),
        ("text/csv;q=0, application/json;q=0.1", Format.JSON),
    ],
)
def test_the_accept_header_chooses_the_format(accept: str | None, chosen: Format) -> None:
    assert negotiate(None, accept) is chosen
    assert negotiate(Format.CSV_FR, accept) is Format.CSV_FR


def test_an_accept_header_without_any_of_ours_is_answered_406(client: httpx.Client) -> None:
    with pytest.raises(Problem):
        negotiate(None, "image/png")
    response = client.get("/v1/gaz", headers={"Accept": "image/png"})
    assert response.status_code == 406
    assert json.loads(response.content)["title"] == "Format indisponible"
