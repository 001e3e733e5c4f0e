"""A sample is read from any file that a refresh reads, or asked of the portal."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataelec_assets.errors import IncompleteExport, SettingsError
from dataelec_assets.portals.connection import Connection
from dataelec_assets.portals.opendatasoft import OpendatasoftPortal
from dataelec_assets.portals.options import ConnectionOptions
from dataelec_assets.scaffold.sample import ask_sample, read_sample

ROWS = (("2024-01-01", "Côte-d’Or"), ("2024-01-02", None))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_a_csv_is_read_in_its_encoding_with_either_separator(tmp_path: Path, encoding: str) -> None:
    for delimiter in ";,":
        path = tmp_path / "essai.csv"
        path.write_bytes("Date;Nom\n2024-01-01;Côte-d’Or\n2024-01-02;\n".replace(";", delimiter).encode(encoding))
        sample = read_sample("essai", path)
        assert (sample.header, sample.rows) == (("Date", "Nom"), ROWS)


def test_parquet_and_json_are_read_as_text(tmp_path: Path) -> None:
    pq.write_table(pa.table({"Date": ["2024-01-01", "2024-01-02"], "n": [1.5, None]}), tmp_path / "essai.parquet")
    assert read_sample("essai", tmp_path / "essai.parquet").rows == (("2024-01-01", "1.5"), ("2024-01-02", None))
    (tmp_path / "essai.json").write_text(json.dumps([{"Date": "2024-01-01", "Nom": "Ain"}]), encoding="utf-8")
    assert read_sample("essai", tmp_path / "essai.json").values("Nom") == ["Ain"]


def test_records_of_the_first_api_are_read(tmp_path: Path) -> None:
    records = [{"datasetid": "essai", "recordid": "1", "fields": {"annee": "2020", "conso": 1.5}}]
    (tmp_path / "essai.json").write_text(json.dumps(records), encoding="utf-8")
    sample = read_sample("essai", tmp_path / "essai.json")
    assert dict(zip(sample.header, sample.rows[0], strict=True)) == {"annee": "2020", "conso": "1.5"}


def test_a_file_that_holds_no_rows_says_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="is not a file"):
        read_sample("essai", tmp_path / "absent.csv")
    path = tmp_path / "essai.csv"
    path.write_text("Date;Nom\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="has no rows"):
        read_sample("essai", path)
    path.write_text("", encoding="utf-8")
    with pytest.raises(IncompleteExport, match="empty"):
        read_sample("essai", path)
    (tmp_path / "essai.parquet").write_bytes(b"PAR1 cut")
    with pytest.raises(SettingsError, match="cannot be read as a table"):
        read_sample("essai", tmp_path / "essai.parquet")


def test_the_portal_is_asked_for_what_it_says_and_for_a_few_rows() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        if request.url.path.endswith("/exports/csv"):
            body = iter([b"date;tmin\n2024-01-01;1.5\n"])
            return httpx.Response(200, content=body, headers={"Content-Type": "text/csv"})
        default = {"title": "Essai", "publisher": "RTE", "data_processed": "2024-01-02T00:00:00Z", "records_count": 9}
        fields = [{"name": "tmin", "label": "TMin (°C)", "type": "double"}]
        return httpx.Response(200, json={"metas": {"default": default}, "fields": fields})

    options = ConnectionOptions(transport=httpx.MockTransport(answer))
    with OpendatasoftPortal(Connection("https://example.org", options)) as client:
        sample = ask_sample(client, "essai")
    assert (sample.title, sample.publisher, sample.rows) == ("Essai", "RTE", (("2024-01-01", "1.5"),))
    assert sample.fields["tmin"].label == "TMin (°C)"
    assert [each.url.params.get("limit") for each in asked] == [None, "5000"]
