"""Server-sent events for new publications."""

from __future__ import annotations

from pathlib import Path

import httpx

from dataelec_assets.serving.api.app import Options, create_app
from dataelec_assets.serving.api.execution import Limits
from dataelec_assets.serving.api.service import Service
from tests.serving.api.served import make_served, running

STREAM = "/v1/evenements"


def test_the_stream_is_what_a_browser_reads(client: httpx.Client) -> None:
    with client.stream("GET", STREAM) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        assert response.headers["cache-control"] == "no-store"
        lines = response.iter_lines()
        found = [next(lines) for _ in range(6)]
    assert found[0] == "retry: 5000"
    assert found[2:4] == ["id: publication-1", "event: publication"]
    assert found[4].startswith('data: {"publication_id":"publication-1"')


def test_more_listeners_than_allowed_are_refused_and_one_that_left_makes_room(tmp_path: Path) -> None:
    app = create_app(make_served(tmp_path / "dataelec.duckdb"), Options(rate=0, limits=Limits(listeners=1)))
    service: Service = app.state.service
    with running(app) as client:
        assert client.head(STREAM).status_code == 200
        with client.stream("GET", STREAM) as first:
            lines = first.iter_lines()  # kept: httpx ends the connection with it
            next(lines)
            assert client.get(STREAM).status_code == 503
        for _ in range(100):
            if not service.engine.listeners:
                break
            client.get("/v1/meta")
        with client.stream("GET", STREAM) as second:
            assert second.status_code == 200


def test_before_the_first_publication_there_is_no_stream(tmp_path: Path) -> None:
    with running(create_app(tmp_path / "dataelec.duckdb", Options(rate=0))) as client:
        assert client.get(STREAM).status_code == 503
