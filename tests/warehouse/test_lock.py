"""A lock says exactly which vintages a publication was built from."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dataelec_assets import __version__
from dataelec_assets.errors import LakeError
from dataelec_assets.lake.raw import RawStore, Vintage
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse import lock as module
from dataelec_assets.warehouse.lock import Lock, locked_publication, read_lock, show_lock, verify_lock, write_lock

GAS, TEMPERATURE = "stock-quotidien-stockages-gaz", "temperature-quotidienne-regionale"
PUBLISHED = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture
def ctx(tmp_path: Path) -> RunContext:
    """Return a run context with two vintages of one month of gas, and one of another month and of temperatures."""
    ctx = RunContext(Settings(lake=tmp_path / "lake"))
    arrive(ctx, GAS, "2019-01", hour=1)
    arrive(ctx, GAS, "2019-01", hour=2)
    arrive(ctx, GAS, "2019-02", hour=3)
    arrive(ctx, TEMPERATURE, "2019-01", hour=4)
    return ctx


def arrive(ctx: RunContext, dataset_id: str, partition: str, hour: int) -> Vintage:
    """Keep an arrival whose content is the hour."""
    draft = ctx.paths.root.parent / "draft"
    draft.write_text(f"{hour}", encoding="utf-8")
    vintage = Vintage(
        dataset_id=dataset_id,
        partition=partition,
        url="http://127.0.0.1/export",
        parameters={},
        fetched_at=f"2026-03-01T{hour:02d}:00:00+00:00",
        portal_version="2026-03-01T00:00:00+00:00",
        sha256=hashlib.sha256(f"{hour}".encode()).hexdigest(),
        bytes=1,
        rows=hour,
        fingerprint=None,
        licence="Licence Ouverte",
        synthetic=False,
    )
    assert ctx.raw.keep(draft, vintage)
    return vintage


def written(ctx: RunContext, identifier: str = "p1") -> Path:
    write_lock(ctx, identifier, PUBLISHED, "project")
    return ctx.paths.serving / "locks" / f"{identifier}.lock"


def selected(ctx: RunContext, lock: Lock) -> RunContext:
    return replace(ctx, selection=lock.selection())


def test_a_lock_names_the_newest_vintage_of_every_partition_and_says_how_many_there_are(ctx: RunContext) -> None:
    content = json.loads(written(ctx).read_text(encoding="utf-8"))
    assert (content["publication_id"], content["published_at"]) == ("p1", PUBLISHED.isoformat())
    assert (content["code"], content["project"]) == (__version__, "project")
    there = {key: value for key, value in content["sources"].items() if value}
    assert there.keys() == {GAS, TEMPERATURE}
    assert there[GAS].keys() == {"2019-01", "2019-02"}
    entry = there[GAS]["2019-01"]
    assert (entry["vintages"], entry["rows"]) == (2, 2)
    assert entry["sha256"] == hashlib.sha256(b"2").hexdigest()
    assert entry["last"] == f"20260301T020000000000Z_{entry['sha256'][:12]}"
    assert entry["portal_version"] == "2026-03-01T00:00:00+00:00"


def test_what_arrives_later_is_not_selected(ctx: RunContext) -> None:
    lock = read_lock(written(ctx))
    arrive(ctx, GAS, "2019-02", hour=5)
    arrive(ctx, GAS, "2019-03", hour=6)
    then = selected(ctx, lock)
    verify_lock(then, lock)
    gas = ctx.catalog[GAS]
    assert {partition: len(then.raw.names(gas, partition)) for partition in then.raw.partitions(gas)} == {
        "2019-01": 2,
        "2019-02": 1,
    }
    newest = then.raw.newest(GAS, "2019-02")
    assert newest is not None
    assert newest.rows == 3


@pytest.mark.parametrize(("lost", "left"), [(0, 1), (1, 1)], ids=["the first", "the last"])
def test_a_vintage_that_is_no_longer_there_is_told(ctx: RunContext, lost: int, left: int) -> None:
    lock = read_lock(written(ctx))
    manifests = sorted((ctx.paths.manifests / GAS / "2019-01").glob("*.json"))
    manifests[lost].unlink()
    with pytest.raises(LakeError, match=rf"{GAS} 2019-01: the lock names 2 vintage\(s\) up to .*, the lake has {left}"):
        verify_lock(selected(ctx, lock), lock)


def test_a_vintage_that_has_slipped_in_between_is_told(ctx: RunContext) -> None:
    lock = read_lock(written(ctx))
    (first, _) = ctx.raw.vintages(ctx.catalog[GAS], "2019-01")
    folder = ctx.paths.manifests / GAS / "2019-01"
    (folder / f"{first.name}.json").rename(folder / f"20260301T013000000000Z_{first.sha256[:12]}.json")
    with pytest.raises(LakeError, match="2019-01"):
        verify_lock(selected(ctx, lock), lock)


def test_a_data_set_that_has_left_the_catalogue_is_told(ctx: RunContext) -> None:
    lock = replace(read_lock(written(ctx)), sources={"gone": read_lock(written(ctx)).sources[GAS]})
    with pytest.raises(LakeError, match=r"gone 2019-01: .*the lake has 0"):
        verify_lock(selected(ctx, lock), lock)


def test_sources_lock_is_that_of_what_is_served(ctx: RunContext) -> None:
    assert locked_publication(ctx) is None
    for identifier in ("p1", "p2"):
        written(ctx, identifier)
        (ctx.paths.serving / "sources.lock.leftover").symlink_to("nowhere")
        show_lock(ctx, identifier)
        assert locked_publication(ctx) == identifier
        assert read_lock(ctx.paths.serving / "sources.lock").publication_id == identifier
    assert {path.name for path in ctx.paths.serving.iterdir()} == {"locks", "sources.lock"}


def test_only_the_newest_locks_are_kept(ctx: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_KEPT", 2)
    for age, identifier in enumerate(("p3", "p1", "p2")):
        os.utime(written(ctx, identifier), (age, age))
    show_lock(ctx, "p2")
    assert {path.stem for path in (ctx.paths.serving / "locks").iterdir()} == {"p1", "p2"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "does not exist"),
        ("[]", "is not a lock of this version"),
        ('{"form": 0}', "is not a lock of this version"),
        ("{", "is damaged"),
    ],
)
def test_a_file_that_is_no_lock_is_told(tmp_path: Path, content: str | None, words: str) -> None:
    path = tmp_path / "sources.lock"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(LakeError, match=rf"sources\.lock {words}"):
        read_lock(path)


def test_what_has_not_moved_is_taken_from_the_last_lock(ctx: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read_lock(written(ctx))
    show_lock(ctx, "p1")
    arrive(ctx, GAS, "2019-02", hour=5)
    read = []
    genuine = RawStore.newest

    def newest(raw: RawStore, dataset_id: str, partition: str) -> Vintage | None:
        read.append((dataset_id, partition))
        return genuine(raw, dataset_id, partition)

    monkeypatch.setattr(RawStore, "newest", newest)
    second = read_lock(written(ctx, "p2"))
    assert read == [(GAS, "2019-02")]
    assert second.sources[GAS]["2019-01"] == first.sources[GAS]["2019-01"]
    assert second.sources[GAS]["2019-02"]["rows"] == 5
