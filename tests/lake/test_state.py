"""The memory of a source follows its manifests, which a refresh that is killed leaves newer than the memory."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.raw import RawStore, Vintage
from dataelec_assets.lake.state import PartitionMemory, load_memory, save_memory

GAS = load_catalog()["stock-quotidien-stockages-gaz"]


class Raw:
    """Keeps vintages whose fingerprint is their content."""

    def __init__(self, paths: LakePaths, folder: Path) -> None:
        self.paths = paths
        self.store = RawStore(paths)
        self.draft = folder / "draft"
        self.hour = 0

    def keep(self, partition: str, content: str, fingerprint: str | None = "") -> str:
        """Keep an arrival; return the name of its manifest."""
        self.draft.write_text(content, encoding="utf-8")
        self.hour += 1
        vintage = Vintage(
            dataset_id=GAS.id,
            partition=partition,
            url="http://127.0.0.1/export",
            parameters={},
            fetched_at=f"2026-03-01T{self.hour:02d}:00:00+00:00",
            portal_version="2026-03-01T00:00:00+00:00",
            sha256=hashlib.sha256(content.encode()).hexdigest(),
            bytes=len(content),
            rows=1,
            fingerprint=content if fingerprint == "" else fingerprint,
            licence=GAS.licence,
            synthetic=False,
        )
        self.store.keep(self.draft, vintage)
        return vintage.name

    def remembered(self) -> PartitionMemory:
        return load_memory(self.paths, GAS)


@pytest.fixture
def raw(lake_paths: LakePaths, tmp_path: Path) -> Raw:
    return Raw(lake_paths, tmp_path)


def test_vintages_that_are_newer_than_the_memory_say_what_the_lake_holds(raw: Raw, lake_paths: LakePaths) -> None:
    first = {month: raw.keep(month, "a") for month in ("2019-01", "2019-02")}
    save_memory(lake_paths, GAS, PartitionMemory(dict.fromkeys(first, "a"), {"2019-01": "b"}, "v", vintages=first))
    later = {month: raw.keep(month, "b") for month in ("2019-02", "2019-03")}
    assert raw.remembered() == PartitionMemory(
        {"2019-01": "a", "2019-02": "b", "2019-03": "b"}, {"2019-01": "b"}, "v", vintages={**first, **later}
    )


def test_an_arrival_that_was_not_new_is_known_to_the_memory_alone(raw: Raw, lake_paths: LakePaths) -> None:
    name = raw.keep("2019-01", "a")
    # The portal summed the same bytes up otherwise: no vintage, but nothing to fetch either.
    save_memory(lake_paths, GAS, PartitionMemory({"2019-01": "summed up otherwise"}, vintages={"2019-01": name}))
    assert raw.remembered().lake == {"2019-01": "summed up otherwise"}


def test_a_partition_whose_vintages_are_gone_is_not_in_the_lake(raw: Raw, lake_paths: LakePaths) -> None:
    names = {month: raw.keep(month, "a") for month in ("2019-01", "2019-02")}
    save_memory(lake_paths, GAS, PartitionMemory(dict.fromkeys(names, "a"), vintages=names))
    (lake_paths.manifests / GAS.id / "2019-01" / f"{names['2019-01']}.json").unlink()
    assert raw.remembered() == PartitionMemory({"2019-02": "a"}, vintages={"2019-02": names["2019-02"]})


def test_a_vintage_without_a_fingerprint_leaves_the_content_unknown(raw: Raw, lake_paths: LakePaths) -> None:
    name = raw.keep("2019-01", "a")
    save_memory(lake_paths, GAS, PartitionMemory({"2019-01": "a"}, vintages={"2019-01": name}))
    raw.keep("2019-01", "b", fingerprint=None)
    assert raw.remembered().lake == {}
