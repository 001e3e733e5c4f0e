"""A reader of a bucket has the publication that is served, and keeps the last one while the bucket is away."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from dataelec_assets.lake.bucket import Bucket
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.served_copy import CURRENT, Pointer, upload
from dataelec_assets.lake.served_readers import bring_served
from dataelec_assets.lake.write_through import attach

pytestmark = pytest.mark.beyond


def serve(bucket: Bucket, folder: Path, identifier: str, before: Pointer | None) -> Pointer | None:
    """Serve a file that says which publication it is."""
    (folder / "dataelec.duckdb").write_text(identifier)
    (folder / "publication.json").write_text(json.dumps({"publication_id": identifier, "file": [0, 0]}))
    files = {name: folder / name for name in ("dataelec.duckdb", "publication.json")}
    return upload(bucket, CURRENT, identifier, {**files, "parquet/index.json": folder / "publication.json"}, before)


def test_a_reader_has_what_is_served_without_its_parquet_tables(bucket: Bucket, tmp_path: Path) -> None:
    paths = LakePaths(tmp_path / "reader")
    attach(paths, bucket.address)
    bring_served(paths)
    assert not paths.served_file.exists()
    before = serve(bucket, tmp_path, "un", None)
    bring_served(paths)
    assert paths.served_file.read_text() == "un"
    serve(bucket, tmp_path, "deux", before)
    bring_served(paths)
    assert paths.served_file.read_text() == "deux"
    stat = paths.served_file.stat()
    record = json.loads((paths.serving / "publication.json").read_text())
    assert record == {"publication_id": "deux", "file": [stat.st_size, stat.st_mtime_ns]}
    assert not [*paths.serving.glob("parquet*")]
    assert stat.st_mode & 0o222 == 0


def test_a_publication_that_is_here_is_not_fetched_again(bucket: Bucket, tmp_path: Path) -> None:
    paths = LakePaths(tmp_path / "reader")
    attach(paths, bucket.address)
    serve(bucket, tmp_path, "un", None)
    bring_served(paths)
    before = paths.served_file.stat().st_ino
    bring_served(paths)
    assert paths.served_file.stat().st_ino == before
