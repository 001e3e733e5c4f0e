"""One S3 server for all tests; each has a prefix of its own."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from dataelec_assets.lake.bucket import Bucket
from tests.stubs.seaweed import Seaweed, program, seaweed


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    """Run the server; without its program, in the usual environment, these tests are left out."""
    if program() is None:
        pytest.skip("SeaweedFS is in the environment of `make beyond` only")
    with seaweed(tmp_path_factory.mktemp("seaweed")) as running:
        yield running


@pytest.fixture
def bucket(server: Seaweed, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    """Return an empty prefix of a bucket, with the credentials in the environment."""
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    return Bucket(f"s3://essai/{uuid4().hex[:12]}/lac")
