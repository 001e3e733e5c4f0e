"""The whole way of the small France on a bucket: what a lake in a folder holds and serves, and no step that is lost."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.errors import LakeError
from dataelec_assets.lake import lease, served_copy
from dataelec_assets.lake.bucket import Bucket
from dataelec_assets.lake.locks import exclusive, freshen
from dataelec_assets.lake.served_copy import CURRENT, Pointer, fetch, read_pointer, upload
from dataelec_assets.run_context import RunContext
from dataelec_assets.warehouse.publication import lake_digests, read_publication
from dataelec_assets.warehouse.up_to_date import is_up_to_date
from tests.beyond.storage.way import context, ingest, publish
from tests.faults.france import SOURCES, copies_of, write_small_france
from tests.stubs.seaweed import KEY, SECRET, Seaweed

pytestmark = pytest.mark.beyond


@dataclass(frozen=True)
class France:
    """The small France as a lake in a folder, and the same on a bucket.

    Attributes:
        data: the published files.
        folder: the lake in a folder.
        lake: the lake on a bucket.
    """

    data: Path
    folder: RunContext
    lake: RunContext

    @property
    def bucket(self) -> Bucket:
        assert self.lake.settings.bucket is not None
        return Bucket(self.lake.settings.bucket)

    def from_elsewhere(self, scratch: Path) -> RunContext:
        """Return the lake as a machine sees it that has nothing of it yet."""
        return context(self.bucket.address, self.data, scratch)


@pytest.fixture(scope="module")
def france(server: Seaweed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[France]:
    root = tmp_path_factory.mktemp("bucket")
    write_small_france(root / "data", root / "whole")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in server.environment().items():
            patch.setenv(name, value)
        folder = context(root / "lake", root / "data")
        lake = context("s3://essai/france", root / "data", root / "scratch")
        for ctx in (folder, lake):
            assert sorted(ingest(ctx)) == sorted(SOURCES)
        yield France(root / "data", folder, lake)


@pytest.fixture(scope="module")
def published(france: France) -> str:
    """Publish both; return the id."""
    folder, bucket = (publish(ctx) for ctx in (france.folder, france.lake))
    assert folder == bucket
    return bucket


def test_a_bucket_holds_what_a_folder_holds(france: France) -> None:
    assert lake_digests(france.lake) == lake_digests(france.folder)
    assert copies_of(france.lake.paths) == copies_of(france.folder.paths)
    keys = {each.key for each in france.bucket.list("")}
    local = france.folder.paths
    for part in ("raw/objects", "parquet"):
        there = {str(each.relative_to(local.root)) for each in (local.root / part).rglob("*") if each.is_file()}
        assert {key for key in keys if key.startswith(f"{part}/")} == there
    assert not [key for key in keys if key.split("/")[-1].startswith("_")]


def test_another_machine_finds_everything_unchanged_and_fetches_nothing(france: France, tmp_path: Path) -> None:
    elsewhere = france.from_elsewhere(tmp_path)
    assert ingest(elsewhere) == []
    assert not [*elsewhere.paths.objects.rglob("*.zst")]
    assert not [*(elsewhere.paths.parquet / "eco2mix_national_tr").rglob("*.parquet")]


def test_another_machine_has_the_publication_and_finds_it_up_to_date(
    france: France, published: str, tmp_path: Path
) -> None:
    elsewhere = france.from_elsewhere(tmp_path)
    for _ in range(2):
        freshen(elsewhere.paths)
        assert ingest(elsewhere) == []
        assert is_up_to_date(elsewhere)
    served = read_publication(elsewhere.paths.served_file)
    assert served is not None
    assert served.publication_id == published
    with duckdb.connect(str(served.path), read_only=True) as connection:
        ((rows,),) = connection.execute("SELECT count(*) FROM meta_sources WHERE statut = 'à jour'").fetchall()
    assert rows == len(SOURCES)


def test_a_raw_object_is_fetched_when_a_copy_is_made_from_it_again(france: France, tmp_path: Path) -> None:
    elsewhere = france.from_elsewhere(tmp_path)
    freshen(elsewhere.paths)
    dataset = elsewhere.catalog[SOURCES[0]]
    newest = elsewhere.raw.newest(dataset.id, elsewhere.raw.partitions(dataset)[0])
    assert newest is not None
    assert not elsewhere.raw.object_path(newest.sha256).exists()
    assert elsewhere.raw.check(newest.sha256).exists()


def test_no_secret_is_in_the_files_of_a_working_copy(france: France) -> None:
    words = (KEY.encode(), SECRET.encode())
    files = [each for each in france.lake.paths.root.rglob("*") if each.is_file() and each.suffix != ".zst"]
    assert len(files) > 30
    assert [each for each in files if any(word in each.read_bytes() for word in words)] == []


def run(france: France, address: str, scratch: Path, steps: str, writes: int) -> subprocess.CompletedProcess[str]:
    arguments = [address, str(scratch), str(france.data), steps, str(writes)]
    command = [sys.executable, "-m", "tests.beyond.storage.way", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, env=os.environ, check=False)


@pytest.mark.parametrize("writes", [3, 9, 17, 40])
def test_ingestion_that_was_killed_is_finished_from_another_machine(
    france: France, writes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "_ROUNDING", -lease.DURATION)  # the dead holder's time is up at once
    address = f"s3://essai/tuee-{writes}"
    killed = run(france, address, tmp_path / "one", "ingest", writes)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    keys = {each.key for each in Bucket(address).list("")}
    for key in keys:
        if key.startswith("raw/manifests/") and key.endswith(".json"):  # no manifest points at nothing
            sha = key.rsplit("_", 1)[-1].removesuffix(".json")
            assert [each for each in keys if f"/{sha}" in each and each.startswith("raw/objects/")]
    elsewhere = context(address, france.data, tmp_path / "two")
    ingest(elsewhere)
    assert copies_of(elsewhere.paths) != {}
    assert lake_digests(elsewhere)["eco2mix-national-tr"] == lake_digests(france.folder)["eco2mix-national-tr"]
    assert {each: lake_digests(elsewhere)[each] for each in SOURCES} == {
        each: lake_digests(france.folder)[each] for each in SOURCES
    }
    assert ingest(context(address, france.data, tmp_path / "three")) == []


def test_of_two_publishers_who_began_together_one_wins(bucket: Bucket, tmp_path: Path) -> None:
    before = read_pointer(bucket)
    (tmp_path / "a").write_text("a")
    upload(bucket, CURRENT, "un", {"a": tmp_path / "a"}, before)
    with pytest.raises(LakeError, match="Another run has published"):
        upload(bucket, CURRENT, "deux", {"a": tmp_path / "a"}, before)
    now = read_pointer(bucket)
    assert now is not None
    assert now.identifier == "un"


def test_a_reader_sees_one_publication_during_a_hundred_swaps(bucket: Bucket, tmp_path: Path) -> None:
    pointer: Pointer | None = None
    seen: set[str] = set()
    for turn in range(100):
        for name in ("a", "b", "c"):
            (tmp_path / name).write_text(str(turn))
        at_hand = pointer
        pointer = upload(bucket, CURRENT, str(turn), {name: tmp_path / name for name in "abc"}, pointer)
        if at_hand is not None:  # a reader who took the names before the swap reads after it
            contents = {bucket.read(f"{at_hand.folder}/{name}") for name in at_hand.files}
            assert {content[0] for content in contents if content} == {at_hand.identifier.encode()}
            seen.add(at_hand.identifier)
    assert len(seen) == 99


def test_a_publication_that_was_replaced_is_swept_with_all_its_files(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").write_text("a")
    first = upload(bucket, CURRENT, "un", {"a": tmp_path / "a", "b/c": tmp_path / "a"}, None)
    assert first is not None
    monkeypatch.setattr(served_copy, "out_of_use", lambda written, served: [each for each in written if each != served])
    second = upload(bucket, CURRENT, "deux", {"a": tmp_path / "a"}, first)
    assert second is not None
    assert {each.key for each in bucket.list("serving/")} == {CURRENT, f"{second.folder}/a"}


def test_a_run_that_lost_its_lease_overwrites_nothing(france: France, tmp_path: Path) -> None:
    address = f"{france.bucket.address}-bail"
    one, two = (context(address, france.data, tmp_path / name) for name in ("one", "two"))
    dataset = one.catalog[SOURCES[0]]
    with exclusive(one.paths):
        one.parquet.write_index(dataset, {})
        key = f"parquet/{dataset.table}/index.json"
        there = Bucket(address).read(key)
        assert there is not None
        Bucket(address).put(key, b'{"of": "another"}')  # who took the lease over has gone on
        with pytest.raises(LakeError, match="was written by another run"):
            one.parquet.write_index(dataset, {})
    after = Bucket(address).read(key)
    assert after is not None
    assert after[0] == b'{"of": "another"}'
    freshen(two.paths)
    assert (two.paths.root / key).read_bytes() == after[0]
    freshen(one.paths)
    assert (one.paths.root / key).read_bytes() == after[0]


def test_a_publisher_that_was_killed_serves_nothing_and_the_next_finishes(
    france: France, published: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "_ROUNDING", -lease.DURATION)
    before = read_pointer(france.bucket)
    assert before is not None
    scratch = tmp_path / "scratch"
    shutil.copytree(france.lake.paths.root, scratch / france.lake.paths.root.name, symlinks=True)
    france.bucket.delete([CURRENT])
    killed = run(france, france.bucket.address, scratch, "publish", 12)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert read_pointer(france.bucket) is None
    elsewhere = france.from_elsewhere(tmp_path / "another")
    assert publish(elsewhere) == published
    after = read_pointer(france.bucket)
    assert after is not None
    assert (after.identifier, sorted(after.files)) == (before.identifier, sorted(before.files))
    fetch(france.bucket, context(tmp_path / "reader", france.data).paths, after)
