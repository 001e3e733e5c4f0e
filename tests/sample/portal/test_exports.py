"""Exports: formats, order, compression, headers (acceptance item 6)."""

from __future__ import annotations

import gzip
import io
import itertools
import json

import httpx
import pyarrow as pa
import pytest
from pyarrow import parquet

from dataelec_assets.sample.portal import RunningPortal
from tests.sample.portal.conftest import API, Get, getter

BOM = b"\xef\xbb\xbf"


def test_csv_starts_with_a_mark_and_is_separated_by_semicolons_quoted_only_where_needed(get: Get) -> None:
    reply = get("/mesures/exports/csv", where="rang = 1", select="rang, valeur, jour, instant, nom")
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    assert reply.content == (
        BOM + b"rang;valeur;jour;instant;nom\r\n1;1.5;2024-03-31;2024-03-30T22:15:00+00:00;nom 1\r\n"
    )


def test_csv_writes_nulls_empty_and_takes_its_parameters(get: Get) -> None:
    parameters = {"where": "rang = 0", "select": "rang, nom, code, valeur", "with_bom": "false"}
    assert get("/mesures/exports/csv", **parameters).content == b"rang;nom;code;valeur\r\n0;;00000;\r\n"
    assert get("/mesures/exports/csv", delimiter="|", **parameters).content == b"rang|nom|code|valeur\r\n0||00000|\r\n"
    quoted = get("/mesures/exports/csv", quote_all="true", **parameters).content
    assert quoted == b'"rang";"nom";"code";"valeur"\r\n"0";"";"00000";""\r\n'
    assert get("/mesures/exports/csv", delimiter="x").status_code == 400


def test_csv_quotes_a_cell_that_holds_the_delimiter_a_quote_or_a_line_end(own_portal: RunningPortal) -> None:
    own_portal.control("rows", {"dataset": "mesures", "where": "rang = 1", "set": {"nom": 'a;"b"\nc'}})
    reply = getter(own_portal)("/mesures/exports/csv", where="rang = 1", select="nom,rang", with_bom="false")
    assert reply.content == b'nom;rang\r\n"a;""b""\nc";1\r\n'


def test_labels_replace_technical_names_on_demand(get: Get) -> None:
    asked = {"select": "date, tmin", "limit": 0}
    path = "/temperature-quotidienne-regionale/exports"
    assert get(f"{path}/csv", **asked).content == BOM + b"date;tmin\r\n"
    assert get(f"{path}/csv", use_labels="true", **asked).content == BOM + "Date;TMin (°C)\r\n".encode()
    labelled = parquet.read_schema(io.BytesIO(get(f"{path}/parquet", use_labels="true", **asked).content))
    assert labelled.names == ["Date", "TMin (°C)"]


def test_an_integer_has_no_decimals_and_a_double_keeps_them(get: Get) -> None:
    text = get("/temperature-quotidienne-regionale/exports/csv", where="code_insee_region = 84", with_bom="false").text
    assert text.splitlines()[1] == ";2016-03-09;84;Auvergne-Rhône-Alpes;1.0;9.5;5.25"


def test_json_is_an_array_of_flat_objects(get: Get) -> None:
    reply = get("/mesures/exports/json", where="rang in (0, 1)")
    assert reply.headers["content-type"] == "application/json; charset=utf-8"
    records = get("/mesures/records", where="rang in (0, 1)", order_by="rang").json()["results"]
    assert sorted(reply.json(), key=lambda row: row["rang"]) == records
    assert get("/mesures/exports/json", where="rang < 0").json() == []


def test_jsonl_has_one_object_a_line(get: Get) -> None:
    lines = get("/mesures/exports/jsonl", where="rang < 3").text.splitlines()
    assert {json.loads(line)["rang"] for line in lines} == {0, 1, 2}


def test_an_export_has_no_cap_and_takes_a_limit(get: Get) -> None:
    assert len(get("/mesures/exports/json").json()) == 250
    assert len(get("/mesures/exports/json", limit=-1).json()) == 250
    assert len(get("/mesures/exports/json", limit=120).json()) == 120
    assert get("/mesures/exports/json", limit=-2).status_code == 400


def test_exports_are_sorted_runs_one_after_the_other_whatever_order_is_asked(get: Get) -> None:
    ranks = [row["rang"] for row in get("/mesures/exports/json", order_by="rang").json()]
    assert sorted(ranks) == list(range(250))
    breaks = sum(later < earlier for earlier, later in itertools.pairwise(ranks))
    assert 1 <= breaks <= 10
    assert get("/mesures/exports/json", order_by="inconnu").status_code == 400


def test_exports_can_be_told_to_obey_the_order(own_portal: RunningPortal) -> None:
    own_portal.control("settings", {"exports_sorted": True})
    rows = getter(own_portal)("/mesures/exports/json", order_by="rang desc").json()
    assert [row["rang"] for row in rows] == list(range(249, -1, -1))


def test_two_equal_exports_have_equal_bytes(get: Get) -> None:
    for form in ("csv", "json", "parquet"):
        assert get(f"/mesures/exports/{form}").content == get(f"/mesures/exports/{form}").content


def test_parquet_is_written_as_the_portal_s_own(get: Get) -> None:
    reply = get("/mesures/exports/parquet")
    assert reply.headers["content-type"] == "application/vnd.apache.parquet"
    file = parquet.ParquetFile(io.BytesIO(reply.content))
    assert file.schema_arrow.names == ["rang", "nom", "valeur", "jour", "instant", "code"]
    assert file.schema_arrow.types == [
        pa.int64(),
        pa.string(),
        pa.float64(),
        pa.date32(),
        pa.timestamp("ms", tz="UTC"),
        pa.string(),
    ]
    assert all(field.nullable for field in file.schema_arrow)
    assert file.metadata.format_version == "2.6"
    assert file.metadata.row_group(0).column(0).compression == "SNAPPY"
    rows = {row["rang"]: row for row in file.read().to_pylist()}
    assert rows[12]["instant"].isoformat() == "2024-03-31T01:00:00+00:00"
    assert rows[0]["nom"] is None


@pytest.mark.parametrize(
    ("mode", "wanted"),
    [
        ("naive", pa.timestamp("ms")),
        ("utc", pa.timestamp("ms", tz="UTC")),
        ("timezone", pa.timestamp("ms", tz="Europe/Paris")),
    ],
)
def test_the_instants_of_parquet_can_be_naive_utc_or_zoned(
    own_portal: RunningPortal, mode: str, wanted: pa.DataType
) -> None:
    own_portal.control("settings", {"parquet_datetime": mode})
    reply = getter(own_portal)("/mesures/exports/parquet", timezone="Europe/Paris", where="rang = 12", select="instant")
    table = parquet.read_table(io.BytesIO(reply.content))
    assert table.schema.field("instant").type == wanted
    assert table.column("instant").cast(pa.int64()).to_pylist() == [1_711_846_800_000]


def test_parquet_takes_zstd_and_no_other_compression(get: Get) -> None:
    reply = get("/mesures/exports/parquet", parquet_compression="zstd")
    assert parquet.ParquetFile(io.BytesIO(reply.content)).metadata.row_group(0).column(0).compression == "ZSTD"
    assert get("/mesures/exports/parquet", parquet_compression="lzo").status_code == 400


def test_groups_can_be_exported(get: Get) -> None:
    text = get("/mesures/exports/csv", group_by="nom", select="count(*) as n", with_bom="false").text
    assert text.splitlines() == ["nom;n", "nom 1;50", "nom 2;50", "nom 3;50", "nom 4;50", ";50"]


def test_an_export_is_chunked_without_length_or_validator(get: Get) -> None:
    headers = get("/mesures/exports/csv").headers
    assert headers["transfer-encoding"] == "chunked"
    assert not {"content-length", "etag", "last-modified"} & set(headers)
    assert headers["content-disposition"] == 'attachment; filename="mesures.csv"'


def test_gzip_is_used_on_the_wire_when_it_is_accepted(portal: RunningPortal) -> None:
    url = f"{portal.url}{API}/mesures/exports/csv"
    with httpx.Client(trust_env=False) as client:
        plain = client.get(url, headers={"Accept-Encoding": "identity"})
        packed = client.get(url, headers={"Accept-Encoding": "gzip"})
        with client.stream("GET", url, headers={"Accept-Encoding": "gzip"}) as reply:
            raw = b"".join(reply.iter_raw())
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == plain.content == packed.content
    assert len(raw) < len(plain.content) / 3


def test_compressed_packs_the_file_itself(get: Get) -> None:
    reply = get("/mesures/exports/csv", compressed="true", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in reply.headers
    assert gzip.decompress(reply.content) == get("/mesures/exports/csv").content


def test_the_formats_are_listed_and_another_is_not_found(get: Get) -> None:
    links = get("/mesures/exports").json()["_links"]
    assert [link["rel"] for link in links] == ["self", "csv", "json", "jsonl", "parquet"]
    assert get("/mesures/exports/xlsx").status_code == 404


def test_the_time_zone_changes_exported_instants(get: Get) -> None:
    parameters = {"where": "rang = 12", "select": "instant, jour", "timezone": "Europe/Paris"}
    assert get("/mesures/exports/json", **parameters).json() == [
        {"instant": "2024-03-31T03:00:00+02:00", "jour": "2024-04-11"}
    ]
    text = get("/mesures/exports/csv", with_bom="false", **parameters).text
    assert text == "instant;jour\r\n2024-03-31T03:00:00+02:00;2024-04-11\r\n"


@pytest.mark.real
def test_row_groups_hold_twenty_thousand_rows_however_the_rows_were_found(real_portal: RunningPortal) -> None:
    march = "date_heure >= '2018-02-28T23:00:00+00:00' and date_heure < '2018-03-31T22:00:00+00:00'"
    for dataset, where, groups in (
        ("temperature-quotidienne-regionale", "", [20_000, 20_000, 6_332]),
        ("consommation-quotidienne-brute-regionale", march, [17_856]),
    ):
        reply = getter(real_portal)(f"/{dataset}/exports/parquet", where=where)
        metadata = parquet.ParquetFile(io.BytesIO(reply.content)).metadata
        assert [metadata.row_group(n).num_rows for n in range(metadata.num_row_groups)] == groups
