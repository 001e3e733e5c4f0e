"""Which months a build renews."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from dataelec_assets.catalog import Catalog, Dataset, load_catalog
from dataelec_assets.house import House
from dataelec_assets.lake.parquet import PartitionInfo
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse import build
from dataelec_assets.warehouse.dbt import NodeResult
from tests.refresh.other_portals import CONSUMPTION, POPULATION

MONTHLY = load_catalog()["temperature-quotidienne-regionale"]


class Builds:
    """A lake of three data sets, and what dbt is asked to do with it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.house = House(Settings(lake=folder), Catalog([MONTHLY, CONSUMPTION, POPULATION]))
        self.asked: list[tuple[str, tuple[str, ...]]] = []
        monkeypatch.setattr(build, "run_dbt", self._run)

    def _run(self, _: Any, arguments: Sequence[str], *, months: Sequence[str]) -> list[NodeResult]:
        self.asked.append((" ".join(arguments), tuple(months)))
        return []

    def holds(self, dataset: Dataset, **signatures: str) -> None:
        """Set the signature of partitions, ``p2023_01="a"`` being that of January."""
        index = self.house.parquet.index(dataset)
        for name, mark in signatures.items():
            index[name.removeprefix("p").replace("_", "-")] = PartitionInfo(mark, 1, None, None, None)
        self.house.parquet.write_index(dataset, index)


@pytest.fixture
def builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Builds:
    """Return a lake whose tables were built once."""
    lake = Builds(tmp_path, monkeypatch)
    lake.holds(MONTHLY, p2023_01="a", p2023_02="a")
    lake.holds(CONSUMPTION, p2022="a")
    lake.holds(POPULATION, p2019="a")
    report = build.build_warehouse(lake.house)
    assert (report.kind, report.months) == ("full", ["2023-01", "2023-02"])
    assert lake.asked.pop()[1] == ()
    return lake


def test_a_month_that_moved_is_renewed_alone(builds: Builds) -> None:
    builds.holds(MONTHLY, p2023_02="b")
    report = build.build_warehouse(builds.house)
    assert (report.kind, report.months, report.datasets) == ("months", ["2023-02"], [MONTHLY.id])
    assert builds.asked[0][1] == ("2023-02",)


def test_a_month_and_a_year_that_moved_together_renew_all_months(builds: Builds) -> None:
    builds.holds(MONTHLY, p2023_02="b")
    builds.holds(CONSUMPTION, p2022="b")
    report = build.build_warehouse(builds.house)
    assert (report.months, report.datasets) == (["2023-01", "2023-02"], [CONSUMPTION.id, MONTHLY.id])
    assert builds.asked[0][1] == ()


@pytest.mark.parametrize(("dataset", "partition"), [(CONSUMPTION, "p2022"), (POPULATION, "p2019")])
def test_a_year_or_an_edition_that_moved_renews_all_months_of_what_uses_it(
    builds: Builds, dataset: Dataset, partition: str
) -> None:
    builds.holds(dataset, **{partition: "b"})
    report = build.build_warehouse(builds.house)
    assert (report.kind, report.months, report.datasets) == ("months", ["2023-01", "2023-02"], [dataset.id])
    command, months = builds.asked[0]
    assert months == ()
    assert f"source:{dataset.portal}.{dataset.table}+" in command
    assert MONTHLY.table not in command
    assert build.build_warehouse(builds.house).kind == "nothing"
