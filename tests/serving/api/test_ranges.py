"""HEAD, ranges and strong ETags: what programs need that read a file by its address."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq
import pytest

from dataelec_assets.serving.api.app import Options, create_app
from dataelec_assets.serving.api.execution import Limits
from dataelec_assets.serving.api.kept_files import KeptFiles
from tests.serving.api.served import make_served, running

TABLE = "/v1/tables/fct_consommation_regionale?format="


class RemoteFile(io.RawIOBase):
    """A file that is read by its address, as polars and DuckDB do: HEAD for the size, then ranges."""

    def __init__(self, client: httpx.Client, url: str) -> None:
        super().__init__()
        self.client, self.url, self.position, self.asked = client, url, 0, 0
        self.head = client.head(url).raise_for_status()
        self.size = int(self.head.headers["content-length"])

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        self.position = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: self.size}[whence]
        return self.position

    def tell(self) -> int:
        return self.position

    def read(self, count: int = -1, /) -> bytes:
        last = self.size - 1 if count < 0 else min(self.position + count, self.size) - 1
        if last < self.position:
            return b""
        headers = {"Range": f"bytes={self.position}-{last}", "If-Match": self.head.headers["etag"]}
        response = self.client.get(self.url, headers=headers)
        assert response.status_code == 206
        assert response.headers["content-range"] == f"bytes {self.position}-{last}/{self.size}"
        self.position += len(response.content)
        self.asked += 1
        return response.content


def test_a_parquet_file_is_read_by_its_address_and_only_the_parts_that_are_wanted(client: httpx.Client) -> None:
    file = RemoteFile(client, f"{TABLE}parquet")
    found = pq.ParquetFile(file).read(columns=["consommation_electricite_mw"])
    whole = client.get(f"{TABLE}parquet")
    assert found["consommation_electricite_mw"].null_count == 2 * 33 * 7
    assert found.num_rows == 2 * 33 * 48
    assert 0 < file.asked < 10
    assert len(whole.content) == file.size
    assert whole.headers["etag"] == file.head.headers["etag"]
    assert not whole.headers["etag"].startswith("W/")


@pytest.mark.parametrize("kind", ["parquet", "csv", "csv-fr", "arrow"])
def test_head_has_the_headers_and_the_length_of_the_whole_file(client: httpx.Client, kind: str) -> None:
    head = client.head(f"{TABLE}{kind}")
    assert (head.status_code, head.content, head.headers["accept-ranges"]) == (200, b"", "bytes")
    whole = client.get(f"{TABLE}{kind}", headers={"Accept-Encoding": "identity"})
    assert int(head.headers["content-length"]) == len(whole.content)
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert head.headers["last-modified"] == "Fri, 20 Nov 2026 06:00:00 GMT"
    part = client.get(f"{TABLE}{kind}", headers={"Range": "bytes=10-19", "Accept-Encoding": "gzip"})
    assert (part.status_code, part.content) == (206, whole.content[10:20])
    assert "content-encoding" not in part.headers
    end = client.get(f"{TABLE}{kind}", headers={"Range": "bytes=-8"})
    assert end.content == whole.content[-8:]


@pytest.mark.parametrize(
    "url", ["/indicateurs?departement=33", "/v1/temperatures", "/v1/meta", "/docs", "/openapi.json", "/v1/tables"]
)
def test_head_is_get_without_its_body_everywhere(client: httpx.Client, url: str) -> None:
    head, get = client.head(url), client.get(url, headers={"Accept-Encoding": "identity"})
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == len(get.content)


def test_a_range_of_an_older_publication_is_refused_or_the_whole_is_sent(tmp_path: Path) -> None:
    served = make_served(tmp_path / "dataelec.duckdb")
    with running(create_app(served, Options(rate=0))) as client:
        etag = client.head(f"{TABLE}csv").headers["etag"]
        first = {"Range": "bytes=0-9"}
        assert client.get(f"{TABLE}csv", headers={**first, "If-Range": etag}).status_code == 206
        assert client.get(f"{TABLE}csv", headers={"If-None-Match": etag}).status_code == 304
        make_served(served, "publication-2")
        assert client.get(f"{TABLE}csv", headers={**first, "If-Range": etag}).status_code == 200
        refused = client.get(f"{TABLE}csv", headers={**first, "If-Match": etag})
        assert (refused.status_code, refused.json()["title"]) == (412, "Publication remplacée")


@pytest.mark.parametrize(
    "header", ["bytes=9-2", "bytes=", "bytes=a-b", "lines=1-2", "bytes=-", "bytes=" + "9" * 40 + "-"]
)
def test_what_is_no_range_is_ignored(client: httpx.Client, header: str) -> None:
    assert client.get(f"{TABLE}csv", headers={"Range": header}).status_code == 200


def test_a_range_beyond_the_end_is_not_satisfiable(client: httpx.Client) -> None:
    response = client.get(f"{TABLE}csv", headers={"Range": "bytes=99999999-"})
    assert response.status_code == 416
    assert response.headers["content-range"].startswith("bytes */")


def test_a_table_too_large_for_a_file_is_streamed_whole(tmp_path: Path) -> None:
    served = make_served(tmp_path / "dataelec.duckdb")
    limits = Limits(kept_bytes=4 * 1000)
    with running(create_app(served, Options(rate=0, limits=limits))) as client:
        head = client.head(f"{TABLE}csv")
        assert (head.status_code, head.content) == (200, b"")
        assert "accept-ranges" not in head.headers
        response = client.get(f"{TABLE}csv", headers={"Range": "bytes=0-9"})
        assert response.status_code == 200
        assert response.text.count("\n") == 2 * 33 * 48 + 1


def test_files_make_room_for_others_but_not_while_they_are_read() -> None:
    written: list[str] = []

    async def scenario() -> None:
        files = KeptFiles(most_bytes=400)

        async def write(path: Path, most_bytes: int) -> bool:
            assert most_bytes == 100
            written.append(path.name)
            await asyncio.to_thread(path.write_bytes, b"x" * 100)
            return True

        async def read(key: Any) -> None:
            async with files.file(key, write) as path:
                assert path is not None
                assert len(await asyncio.to_thread(path.read_bytes)) == 100

        async with files.file("held", write) as held:
            assert held is not None
            await asyncio.gather(*(read("same") for _ in range(5)))
            assert written == ["1", "2"], "the same file is written once"
            for key in range(6):
                await read(key)
            assert held.exists()
            assert len(list(held.parent.iterdir())) == 4
        await read("same")
        assert written[-1] == "9", "it had made room"
        files.close()
        assert not held.parent.exists()

    asyncio.run(scenario())
