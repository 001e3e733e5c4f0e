"""The stubs speak as the portals do where that has cost us something, and break replies on demand."""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.stubs import Stub

TYPES = {"date": "date", "à": "text", "valeur": "double"}
ROWS = [{"date": f"2019-0{month}-1{day}", "à": "a;b", "valeur": day} for month in (2, 3) for day in (0, 1, 2)]
JEU = "odre/api/explore/v2.1/catalog/datasets/jeu"
FAIR = "ore/data-fair/api/v1/datasets/jeu"


@pytest.fixture
def stub() -> Iterator[Stub]:
    with Stub({"odre": "opendatasoft", "ore": "data-fair", "insee": "files"}) as running:
        running.publish("odre", "jeu", TYPES, ROWS)
        running.publish("ore", "jeu", TYPES, ROWS, labels={"valeur": "Valeur (MWh)"})
        running.files["insee"].put("a/ensemble.zip", b"x;y\n", dataset="communes", member="c.csv")
        yield running


def get(stub: Stub, path: str, method: str = "GET", **asked: str) -> httpx.Response:
    return httpx.request(method, f"{stub.url}/{path}", params=asked, trust_env=False)


def test_the_stubs_import_nothing_of_the_package() -> None:
    for file in Path(__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.startswith("dataelec_assets")], file.name


def test_an_export_has_a_bom_and_neither_order_nor_length_nor_validator(stub: Stub) -> None:
    reply = get(stub, f"{JEU}/exports/csv")
    head, *lines = reply.content.decode().split("\r\n")
    assert head == "\ufeffdate;à;valeur"
    assert lines[:-1] != sorted(lines[:-1])
    assert sorted(lines)[1] == '2019-02-10;"a;b";0.0'
    assert not {"content-length", "etag", "last-modified"} & set(reply.headers)
    assert reply.headers["content-encoding"] == "gzip"
    assert get(stub, f"{JEU}/exports/csv").content == reply.content


def test_an_export_of_a_span_has_the_lines_of_its_parts_in_the_same_order(stub: Stub) -> None:
    def lines(first: str, after: str) -> list[str]:
        where = f"date >= date'{first}' and date < date'{after}'"
        return get(stub, f"{JEU}/exports/csv", where=where).text.splitlines()[1:]

    march = lines("2019-03-01", "2019-04-01")
    assert len(march) == 3
    assert [line for line in lines("2019-01-01", "2020-01-01") if line.startswith("2019-03")] == march


def test_the_version_moves_and_modified_is_frozen(stub: Stub) -> None:
    before = get(stub, JEU).json()["metas"]["default"]
    stub.tables.touch("odre/jeu")
    after = get(stub, JEU).json()["metas"]["default"]
    assert after["data_processed"] > before["data_processed"]
    assert {**after, "data_processed": 0} == {**before, "data_processed": 0}


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"select": "sum(à) as s", "group_by": "year(date) as a"}, "sum cannot be applied"),
        ({"select": "count(*) as n", "group_by": "inconnu"}, "Unknown field: inconnu."),
        ({"select": "count(*) as n", "group_by": "à", "limit": "20000"}, "-1 <= limit <= 19999 is expected"),
        ({"where": "valeur = 1; drop table t0", "limit": "0"}, "is no condition"),
    ],
)
def test_what_opendatasoft_does_not_understand_is_refused_in_its_words(
    stub: Stub, asked: dict[str, str], words: str
) -> None:
    reply = get(stub, f"{JEU}/records", **asked)
    assert reply.status_code == 400
    assert words in reply.json()["message"]
    assert reply.json()["error_code"] in ("ODSQLError", "InvalidRESTParameterError")


def test_a_quota_counts_down_and_its_refusal_has_another_shape(stub: Stub) -> None:
    stub.quotas["odre"].limit = 1
    assert get(stub, JEU).headers["x-ratelimit-remaining"] == "0"
    refused = get(stub, JEU)
    assert (refused.status_code, refused.json()["errorcode"]) == (429, 10002)
    assert "reset_time" in refused.json()
    assert "error_code" not in refused.json()


def test_data_fair_has_labels_quoted_texts_pages_by_link_and_errors_in_plain_text(stub: Stub) -> None:
    page = get(stub, f"{FAIR}/lines", format="csv", sep=";", size="4")
    assert page.text.splitlines()[:2] == ['\ufeff"date";"à";"Valeur (MWh)"', '"2019-02-10";"a;b";0.0']
    following = page.links["next"]["url"]
    assert "after=3" in following
    assert "datasets/jeu/" not in following
    assert httpx.get(following, trust_env=False).text.count("\n") == 3
    refused = get(stub, f"{FAIR}/values_agg", field="date", metric="sum", metric_field="à")
    assert (refused.status_code, refused.headers["content-type"][:10]) == (400, "text/plain")
    assert "x-ratelimit-limit" not in page.headers


def test_a_file_has_a_length_a_validator_and_a_time_and_the_same_bytes_each_time(stub: Stub) -> None:
    head, file = get(stub, "insee/a/ensemble.zip", "HEAD"), get(stub, "insee/a/ensemble.zip")
    assert (head.content, head.headers["content-length"]) == (b"", str(len(file.content)))
    assert head.headers["etag"] == file.headers["etag"]
    stub.files["insee"].touch("a/ensemble.zip")
    assert get(stub, "insee/a/ensemble.zip").headers["last-modified"] > file.headers["last-modified"]
    assert stub.counted() == {"insee/a/ensemble.zip": {"file": 2, "head": 1}}
    stub.files["insee"].take_out("a/ensemble.zip", "c.csv")
    assert get(stub, "insee/a/ensemble.zip").status_code == 404


def test_a_fault_strikes_the_calls_that_it_names_as_often_as_it_says(stub: Stub) -> None:
    stub.fail("status:503", dataset="odre/jeu", kind="export", times=1, after=1)
    asked = [FAIR, JEU, *[f"{JEU}/exports/csv"] * 3]
    assert [get(stub, path).status_code for path in asked] == [200, 200, 200, 503, 200]


def test_a_body_breaks_off_or_ends_properly_too_early(stub: Stub) -> None:
    whole = get(stub, f"{JEU}/exports/csv").text
    stub.fail("truncate", kind="export")
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
        get(stub, f"{JEU}/exports/csv")
    stub.fail("truncate_clean", kind="export")
    shorter = get(stub, f"{JEU}/exports/csv").text
    assert whole.startswith(shorter)
    assert 1 < shorter.count("\r\n") < whole.count("\r\n")
    stub.fail("stall:1", kind="export")
    began = time.monotonic()
    with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
        get(stub, f"{JEU}/exports/csv")
    assert time.monotonic() - began > 0.9
    stub.fail("reset")
    with pytest.raises(httpx.TransportError):
        get(stub, JEU)


def test_as_many_rows_as_before_can_be_wrong(stub: Stub) -> None:
    whole = get(stub, f"{JEU}/exports/csv").text.splitlines()
    for fault in ("one_digit", "doubles"):
        stub.fail(fault, kind="export")
        wrong = get(stub, f"{JEU}/exports/csv").text.splitlines()
        assert len(wrong) == len(whole)
        assert sorted(wrong) != sorted(whole)
    stub.fail("cached", kind="export")
    before = get(stub, f"{JEU}/exports/csv").content
    assert stub.revise("odre/jeu", "valeur = 1", valeur=5) == 2
    assert get(stub, f"{JEU}/exports/csv").content == before
    stub.heal()
    assert get(stub, f"{JEU}/exports/csv").content != before


def test_a_fault_that_could_never_strike_is_refused(stub: Stub) -> None:
    with pytest.raises(ValueError, match="no fault 'status:200'"):
        stub.fail("status:200")
    with pytest.raises(ValueError, match="of 'exports'"):
        stub.fail("reset", kind="exports")
