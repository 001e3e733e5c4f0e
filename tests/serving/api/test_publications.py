"""A new publication is taken up without a restart; no answer holds two; old ones are let go."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from dataelec_assets.serving.api.app import Options, create_app
from dataelec_assets.serving.api.problems import Problem
from dataelec_assets.serving.api.publication import Publications
from dataelec_assets.serving.api.service import Service
from tests.serving.api.served import make_served, running

pytestmark = pytest.mark.slow

# Every row says from which publication it comes; many enough for several parts of a stream.
MARKED = "create table mart_marque as select range as n, '{0}' as marque from range(150000)"


def publish(path: Path, number: int) -> None:
    make_served(path, f"publication-{number}", extra=MARKED.format(f"publication-{number}"))


def open_files(path: Path) -> int:
    """Return how many handles this process has on the file or on what it replaced."""
    names = []
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # closed since
            names.append(str(entry.readlink()))
    return sum(name.startswith(str(path)) for name in names)


def test_no_answer_mixes_two_publications_while_they_are_replaced_under_load(tmp_path: Path) -> None:
    served = tmp_path / "dataelec.duckdb"
    publish(served, 0)
    faults: list[str] = []
    seen: set[str] = set()
    ended = threading.Event()

    def ask(client: httpx.Client, url: str) -> None:
        while not ended.is_set():
            response = client.get(url)
            if response.status_code != 200:
                faults.append(f"{response.status_code} {response.text[:200]}")
                return
            name = response.headers["x-publication-id"]
            seen.add(name)
            text = response.text
            lines = text.splitlines()[1:] if "csv" in url else [row["marque"] for row in response.json()["donnees"]]
            if {line.rsplit(",")[-1].strip('"') for line in lines} != {name}:
                faults.append(f"{name} holds rows of another publication")
                return

    app = create_app(served, Options(rate=0))
    with running(app) as client:
        urls = ["/v1/tables/mart_marque?format=csv", "/v1/tables/mart_marque?limite=500&n__min=149000"] * 2
        threads = [threading.Thread(target=ask, args=(client, url)) for url in urls]
        for thread in threads:
            thread.start()
        for number in range(1, 6):
            publish(served, number)
            ended.wait(0.4)
        ended.set()
        for thread in threads:
            thread.join(timeout=30)
        assert faults == []
        assert client.get("/v1/meta").json()["publication"]["publication_id"] == "publication-5"
        assert len(seen) >= 3, "too few publications were met to say anything"
        assert open_files(served) == 1, "old publications are still open"
    assert open_files(served) == 0


def test_a_stream_that_began_before_a_publication_ends_with_its_own_rows(tmp_path: Path) -> None:
    served = tmp_path / "dataelec.duckdb"
    publish(served, 1)
    app = create_app(served, Options(rate=0))
    with running(app) as client, client.stream("GET", "/v1/tables/mart_marque?format=csv") as response:
        parts = response.iter_text(10_000)
        text = next(parts)
        publish(served, 2)
        assert client.get("/v1/tables/mart_marque?limite=1").json()["donnees"][0]["marque"] == "publication-2"
        text += "".join(parts)
    lines = text.splitlines()[1:]
    assert len(lines) == 150_000
    assert all(line.endswith('"publication-1"') for line in lines)


def test_a_client_that_leaves_in_the_middle_gives_its_publication_back(tmp_path: Path) -> None:
    served = make_served(
        tmp_path / "dataelec.duckdb", extra="create table mart_long as select range n, random() x from range(3000000)"
    )
    app = create_app(served, Options(rate=0))
    service: Service = app.state.service
    with running(app) as client:
        for _ in range(6):  # more than may be streamed side by side
            with client.stream("GET", "/v1/tables/mart_long?format=csv") as response:
                assert response.status_code == 200
                next(response.iter_raw())
        publication = service.publications._current
        assert publication is not None
        for _ in range(200):
            if publication._users == 0:
                break
            threading.Event().wait(0.05)
        assert publication._users == 0
        assert service.engine._streams == []


def test_without_a_file_the_answer_is_503_and_the_first_publication_is_taken_up(tmp_path: Path) -> None:
    served = tmp_path / "dataelec.duckdb"
    with running(create_app(served, Options(rate=0))) as client:
        response = client.get("/v1/meta")
        assert response.status_code == 503
        assert response.headers["retry-after"] == "30"
        assert "dataelec refresh" in response.json()["detail"]
        make_served(served)
        assert client.get("/v1/meta").status_code == 200


@pytest.mark.parametrize("content", [b"", b"not a database", b"\0" * 20_000])
def test_a_damaged_file_leaves_the_old_publication_served(tmp_path: Path, content: bytes) -> None:
    served = make_served(tmp_path / "dataelec.duckdb")
    with running(create_app(served, Options(rate=0))) as client:
        assert client.get("/v1/temperatures").status_code == 200
        damaged = tmp_path / "damaged"
        damaged.write_bytes(content)
        damaged.replace(served)
        assert client.get("/v1/temperatures").headers["x-publication-id"] == "publication-1"
        served.unlink()
        assert client.get("/v1/temperatures").headers["x-publication-id"] == "publication-1"
        make_served(served, "publication-2")
        assert client.get("/v1/temperatures").headers["x-publication-id"] == "publication-2"


def test_a_publication_is_closed_when_its_last_user_has_ended(tmp_path: Path) -> None:
    served = make_served(tmp_path / "dataelec.duckdb")

    async def scenario() -> None:
        publications = Publications(served)
        first = await publications.acquire()
        assert await publications.acquire() is first
        make_served(served, "publication-2")
        second = await publications.acquire()
        assert (first.identifier, second.identifier) == ("publication-1", "publication-2")
        first.release()
        assert first.connection.cursor().execute("select count(*) from publication.main.dim_region").fetchall() == [
            (5,)
        ]
        assert open_files(served) == 2
        first.release()
        assert open_files(served) == 1
        second.release()
        publications.close()
        assert open_files(served) == 0
        served.unlink()
        with pytest.raises(Problem):
            await publications.acquire()

    asyncio.run(scenario())
