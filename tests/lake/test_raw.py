"""Raw vintages are stored once, never overwritten, and each has its manifest."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.errors import LakeError
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.raw import Content, RawStore, Vintage
from dataelec_assets.lake.state import (
    PartitionMemory,
    SourceState,
    load_memory,
    load_state,
    save_memory,
    save_state,
)

GAS = load_catalog()["stock-quotidien-stockages-gaz"]
REAL_TIME = load_catalog()["eco2mix-national-tr"]


def arrive(store: RawStore, tmp_path: Path, content: str, hour: int, dataset_id: str = GAS.id) -> bool:
    draft = tmp_path / "draft"
    draft.write_text(content, encoding="utf-8")
    vintage = Vintage(
        dataset_id=dataset_id,
        partition="2019-03",
        url="http://127.0.0.1/export",
        parameters={"where": "x"},
        fetched_at=f"2026-03-01T{hour:02d}:00:00+00:00",
        portal_version="2026-03-01T00:00:00+00:00",
        sha256=hashlib.sha256(content.encode()).hexdigest(),
        bytes=len(content),
        rows=1,
        fingerprint=f"f{hour}",
        licence=GAS.licence,
        synthetic=False,
    )
    return store.keep(draft, vintage)


def test_identical_bytes_are_stored_once_and_make_no_new_vintage(tmp_path: Path, lake_paths: LakePaths) -> None:
    store = RawStore(lake_paths)
    assert arrive(store, tmp_path, "same", 1)
    assert not arrive(store, tmp_path, "same", 2)
    assert len(list(store.vintages(GAS, "2019-03"))) == 1
    assert not (tmp_path / "draft").exists()


def test_a_return_to_older_bytes_is_a_vintage_that_shares_the_object(tmp_path: Path, lake_paths: LakePaths) -> None:
    store = RawStore(lake_paths)
    assert [arrive(store, tmp_path, content, hour) for hour, content in enumerate(["a", "b", "a"])] == [True] * 3
    assert len(list(store.vintages(GAS, "2019-03"))) == 3
    assert len(list(lake_paths.objects.rglob("*.zst"))) == 2


def test_the_newest_arrival_is_the_newest_although_the_clock_has_gone_back(
    tmp_path: Path, lake_paths: LakePaths
) -> None:
    store = RawStore(lake_paths)
    for content, hour in (("first", 12), ("second", 3), ("third", 3), ("fourth", 23)):
        assert arrive(store, tmp_path, content, hour)
    found = [(each.bytes, each.fetched_at[11:]) for each in store.vintages(GAS, "2019-03")]
    assert found == [
        (len("first"), "12:00:00+00:00"),
        (len("second"), "12:00:00.000001+00:00"),
        (len("third"), "12:00:00.000002+00:00"),
        (len("fourth"), "23:00:00+00:00"),
    ]


def test_a_manifest_says_where_when_and_what(tmp_path: Path, lake_paths: LakePaths) -> None:
    arrive(RawStore(lake_paths), tmp_path, "a", 1)
    (path,) = lake_paths.manifests.rglob("*.json")
    manifest = json.loads(path.read_text(encoding="utf-8"))
    assert manifest.keys() >= {
        "url", "parameters", "fetched_at", "portal_version", "sha256", "bytes", "rows", "licence"
    }  # fmt: skip
    assert manifest["sha256"] == hashlib.sha256(b"a").hexdigest()


def test_only_the_vintages_that_matter_to_the_copy_are_listed(tmp_path: Path, lake_paths: LakePaths) -> None:
    store = RawStore(lake_paths)
    for dataset in (GAS, REAL_TIME):
        for hour, content in enumerate(["a", "b"]):
            arrive(store, tmp_path, content, hour, dataset.id)
    last = hashlib.sha256(b"b").hexdigest()
    assert store.contents(GAS, "2019-03") == [Content(last)]
    assert store.contents(REAL_TIME, "2019-03") == [Content(hashlib.sha256(b"a").hexdigest()), Content(last)]


def test_a_damaged_manifest_is_named(tmp_path: Path, lake_paths: LakePaths) -> None:
    store = RawStore(lake_paths)
    arrive(store, tmp_path, "a", 1)
    (path,) = lake_paths.manifests.rglob("*.json")
    path.write_text("{", encoding="utf-8")
    with pytest.raises(LakeError, match=path.name):
        store.newest(GAS.id, "2019-03")


def test_a_vintage_is_pending_from_before_it_is_there(tmp_path: Path, lake_paths: LakePaths) -> None:
    store = RawStore(lake_paths)
    assert not store.pending(GAS.id).exists()
    arrive(store, tmp_path, "a", 1)
    assert store.pending(GAS.id).exists()
    store.pending(GAS.id).unlink()
    assert not arrive(store, tmp_path, "a", 2)
    assert not store.pending(GAS.id).exists()
    assert store.partitions(GAS) == ["2019-03"]


def test_a_lost_memory_comes_back_from_the_manifests(tmp_path: Path, lake_paths: LakePaths) -> None:
    store = RawStore(lake_paths)
    arrive(store, tmp_path, "a", 1)
    arrive(store, tmp_path, "b", 2)
    save_memory(lake_paths, GAS, PartitionMemory({"2019-03": "f2"}, {"2019-03": "f3"}, "v"))
    save_state(lake_paths, GAS, SourceState(version="v", failures=2))
    assert load_memory(lake_paths, GAS).portal == {"2019-03": "f3"}
    assert load_state(lake_paths, GAS).failures == 2
    shutil.rmtree(lake_paths.state)
    (*_, newest) = store.names(GAS, "2019-03")
    assert load_memory(lake_paths, GAS) == PartitionMemory({"2019-03": "f2"}, vintages={"2019-03": newest})
    assert load_state(lake_paths, GAS) == SourceState()


def test_a_source_that_failed_stays_failed_until_what_it_owes_has_arrived() -> None:
    state = SourceState()
    state.failed("truncated")
    state.answered(stale=2)
    assert (state.status, state.failures, state.message, state.stale) == ("failed", 1, "truncated", 2)
    state.failed("truncated")
    assert state.failures == 2
    state.settled()
    assert (state.status, state.failures, state.message, state.stale) == ("fresh", 0, None, 0)
    statuses: list[str] = []
    for stale in (1, 0):
        state.answered(stale)
        statuses.append(state.status)
    assert statuses == ["stale", "fresh"]
