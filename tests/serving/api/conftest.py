"""One API for the tests that change nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dataelec_assets.serving.api.app import Options, create_app
from tests.serving.api.served import make_served, running


@pytest.fixture(scope="session")
def served_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small served file."""
    return make_served(tmp_path_factory.mktemp("serving") / "dataelec.duckdb")


@pytest.fixture(scope="session")
def client(served_file: Path) -> Iterator[httpx.Client]:
    """Return a client of an API without a rate limit."""
    with running(create_app(served_file, Options(rate=0))) as client:
        yield client
