"""Which months a build renews."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from dataelec_assets.catalog import Catalog, Dataset, load_catalog
from dataelec_assets.lake.parquet import schema_of
from dataelec_assets.lake.partition_index import PartitionInfo
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse import build
from dataelec_assets.warehouse.dbt import NodeResult
from dataelec_assets.warehouse.parse import Parse
from dataelec_assets.warehouse.renewed import Marks, read_marks
from tests.ingest.other_portals import CONSUMPTION, POPULATION

pytestmark = pytest.mark.slow

MONTHLY = load_catalog()["temperature-quotidienne-regionale"]

# Temperatures reach `derriere` through the gate alone, and `devant` at once; population reaches `derriere` directly.
_CHILDREN = {
    f"source.d.{MONTHLY.portal}.{MONTHLY.table}": ["model.d.devant"],
    f"source.d.{POPULATION.portal}.{POPULATION.table}": ["model.d.derriere"],
    "model.d.devant": ["model.d.porte"],
    "model.d.porte": ["model.d.derriere", "test.d.de_la_porte"],
    "model.d.derriere": ["test.d.de_derriere"],
}


def _manifest() -> str:
    nodes = {
        name: {
            "name": name.removeprefix("model.d."),
            "schema": "main",
            "alias": name.removeprefix("model.d."),
            "config": {"meta": {"gate": True}} if name.endswith("porte") else {},
        }
        for name in ("model.d.devant", "model.d.porte", "model.d.derriere")
    }
    for name, model in (("de_la_porte", "porte"), ("de_derriere", "derriere")):
        nodes[f"test.d.{name}"] = {"name": name, "config": {}, "depends_on": {"nodes": [f"model.d.{model}"]}}
    sources: dict[str, Any] = {name: {} for name in _CHILDREN if name.startswith("source.")}
    return json.dumps({"nodes": nodes, "sources": sources, "child_map": _CHILDREN})


class Builds:
    """A lake of three data sets, and what dbt is asked to do with it."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ctx = RunContext(Settings(lake=folder), Catalog([MONTHLY, CONSUMPTION, POPULATION]))
        self.asked: list[tuple[set[str] | None, tuple[str, ...]]] = []
        self.gate, self.fails_at = 1.0, ""
        self.results: list[NodeResult] = []
        (folder / "manifest.json").write_text(_manifest(), encoding="utf-8")
        monkeypatch.setattr(build, "ensure_parse", lambda _: Parse(folder))
        monkeypatch.setattr(build, "run_dbt", self._run)

    def _run(
        self,
        _: Any,
        arguments: Sequence[str],
        *,
        nodes: Collection[str] | None = None,
        months: Sequence[str] = (),
        intact: Sequence[str] = (),
        tolerated: Collection[str] = (),
    ) -> list[NodeResult]:
        self.intact = list(intact)
        assert not tolerated
        assert ("--full-refresh" in arguments) is (nodes is None)
        names = None if nodes is None else {name.split(".")[-1] for name in nodes}
        self.asked.append((names, tuple(months)))
        if names is None or "porte" in names:
            with duckdb.connect(str(self.ctx.paths.warehouse)) as connection:
                connection.execute("CREATE OR REPLACE TABLE porte AS SELECT CAST(? AS DOUBLE) AS valeur", [self.gate])
        broken = names is not None and self.fails_at in names
        return [NodeResult("model.d.derriere", "error", "panne", None, 0.1)] if broken else self.results

    def holds(self, dataset: Dataset, **signatures: str) -> None:
        """Set the signature of partitions, ``p2023_01="a"`` being that of January."""
        index = self.ctx.parquet.index(dataset)
        for name, mark in signatures.items():
            index[name.removeprefix("p").replace("_", "-")] = PartitionInfo(mark, 1, None, None, None)
        self.ctx.parquet.write_index(dataset, index)
        for partition in index:
            part = self.ctx.parquet.file(dataset, partition)
            part.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(schema_of(dataset).empty_table(), part)


@pytest.fixture
def builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Builds:
    """Return a lake whose tables were built once."""
    lake = Builds(tmp_path, monkeypatch)
    lake.holds(MONTHLY, p2023_01="a", p2023_02="a")
    lake.holds(CONSUMPTION, p2022="a")
    lake.holds(POPULATION, p2019="a")
    report = build.build_warehouse(lake.ctx)
    assert (report.kind, report.months) == ("full", ["2023-01", "2023-02"])
    assert lake.asked.pop()[1] == ()
    return lake


def test_dbt_hears_which_monthly_facts_nothing_has_moved(builds: Builds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "monthly_models", lambda: {"devant", "derriere", "ailleurs"})
    builds.holds(MONTHLY, p2023_02="b")
    build.build_warehouse(builds.ctx)
    assert builds.intact == ["ailleurs"]  # what waits behind the gate may still move
    builds.holds(POPULATION, p2019="b")
    build.build_warehouse(builds.ctx)
    assert builds.intact == ["ailleurs", "devant"]


def test_a_month_that_moved_is_renewed_alone(builds: Builds) -> None:
    builds.holds(MONTHLY, p2023_02="b")
    report = build.build_warehouse(builds.ctx)
    assert (report.kind, report.months, report.datasets) == ("months", ["2023-02"], [MONTHLY.id])
    assert builds.asked[0][1] == ("2023-02",)


def test_a_month_and_a_year_that_moved_together_renew_all_months(builds: Builds) -> None:
    builds.holds(MONTHLY, p2023_02="b")
    builds.holds(CONSUMPTION, p2022="b")
    report = build.build_warehouse(builds.ctx)
    assert (report.months, report.datasets) == (["2023-01", "2023-02"], [CONSUMPTION.id, MONTHLY.id])
    assert builds.asked[0][1] == ()


@pytest.mark.parametrize(("dataset", "partition"), [(CONSUMPTION, "p2022"), (POPULATION, "p2019")])
def test_a_year_or_an_edition_that_moved_renews_all_months_of_what_uses_it(
    builds: Builds, dataset: Dataset, partition: str
) -> None:
    builds.holds(dataset, **{partition: "b"})
    report = build.build_warehouse(builds.ctx)
    assert (report.kind, report.months, report.datasets) == ("months", ["2023-01", "2023-02"], [dataset.id])
    assert builds.asked == ([(AFTER, ())] if dataset is POPULATION else [])
    assert build.build_warehouse(builds.ctx).kind == "nothing"


AT_ONCE, AFTER = {"devant", "porte", "de_la_porte"}, {"derriere", "de_derriere"}


def test_what_is_behind_a_gate_is_left_alone_while_its_rows_do_not_move(builds: Builds) -> None:
    builds.holds(MONTHLY, p2023_02="b")
    builds.gate += 1e-14  # the same sum, in another order
    report = build.build_warehouse(builds.ctx)
    assert [nodes for nodes, _ in builds.asked] == [AT_ONCE]
    assert (report.unmoved, set(report.gates)) == (["derriere"], {"porte"})
    assert build.build_warehouse(builds.ctx).kind == "nothing"


def test_what_is_behind_a_gate_is_built_when_its_rows_have_moved(builds: Builds) -> None:
    builds.holds(MONTHLY, p2023_02="aa")
    before = build.build_warehouse(builds.ctx).gates
    builds.asked.clear()
    builds.holds(MONTHLY, p2023_02="b")
    builds.gate = 2.0
    report = build.build_warehouse(builds.ctx)
    first, second = builds.asked
    assert (first[0], second[0]) == (AT_ONCE, AFTER)
    assert first[1] == second[1] == ("2023-02",)
    assert report.unmoved == []
    assert report.gates != before


def test_what_is_behind_a_gate_is_built_again_when_it_had_failed_although_the_gate_has_come_back(
    builds: Builds,
) -> None:
    builds.holds(MONTHLY, p2023_02="b")
    builds.gate, builds.fails_at = 2.0, "derriere"
    assert build.build_warehouse(builds.ctx).broken
    builds.holds(MONTHLY, p2023_02="a")
    builds.gate, builds.fails_at = 1.0, ""
    builds.asked.clear()
    report = build.build_warehouse(builds.ctx)
    assert [nodes for nodes, _ in builds.asked] == [AT_ONCE, AFTER]
    assert (report.broken, report.unmoved) == ([], [])


def test_nothing_behind_a_gate_is_built_when_what_comes_before_it_has_failed(builds: Builds) -> None:
    builds.holds(MONTHLY, p2023_02="b")
    builds.gate, builds.fails_at = 2.0, "devant"
    assert build.build_warehouse(builds.ctx).broken
    assert [nodes for nodes, _ in builds.asked] == [AT_ONCE]
    builds.fails_at = ""
    assert build.build_warehouse(builds.ctx).unmoved == []


def test_what_another_source_reaches_is_built_once_the_gate_has_its_verdict(builds: Builds) -> None:
    builds.holds(MONTHLY, p2023_02="b")
    builds.holds(POPULATION, p2019="b")
    assert build.build_warehouse(builds.ctx).unmoved == []
    assert [nodes for nodes, _ in builds.asked] == [AT_ONCE, AFTER]


FACT, MART = "fct_eco2mix_national", "mart_mix_jour"


def _renewed(before: Marks, after: Marks) -> set[tuple[str, str]]:
    """Return which of some tables and months have a new mark."""
    asked = [(FACT, "2023-01"), (FACT, "2023-02"), (MART, ""), ("dim_region", "")]
    return {each for each in asked if before.of(*each) != after.of(*each)}


@pytest.mark.parametrize("failed", [[], ["test.dataelec.x"]])
def test_a_build_marks_the_tables_and_the_months_that_it_has_renewed(builds: Builds, failed: list[str]) -> None:
    before = read_marks(builds.ctx.paths)
    builds.holds(MONTHLY, p2023_02="b")
    builds.results = [_node(f"model.dataelec.{FACT}"), _node(f"model.dataelec.{MART}")]
    builds.results += [_node(each, "fail") for each in failed]
    assert len(build.build_warehouse(builds.ctx).broken) == len(failed)
    after = read_marks(builds.ctx.paths)
    assert before is not None
    assert after is not None
    assert _renewed(before, after) == {(FACT, "2023-02"), (MART, "")}
    # All months, and a model that was left out.
    builds.holds(POPULATION, p2019="b")
    builds.results = [_node(f"model.dataelec.{FACT}"), _node(f"model.dataelec.{MART}", "skipped")]
    build.build_warehouse(builds.ctx)
    last = read_marks(builds.ctx.paths)
    assert last is not None
    assert _renewed(after, last) == {(FACT, "2023-01"), (FACT, "2023-02")}


def test_a_build_that_is_cut_leaves_no_marks_and_the_next_gives_new_ones_to_everything(
    builds: Builds, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any, **__: Any) -> list[NodeResult]:
        raise KeyboardInterrupt

    before = read_marks(builds.ctx.paths)
    builds.holds(MONTHLY, p2023_02="b")
    with monkeypatch.context() as patch:
        patch.setattr(build, "run_dbt", die)
        with pytest.raises(KeyboardInterrupt):
            build.build_warehouse(builds.ctx)
    assert read_marks(builds.ctx.paths) is None
    builds.results = [_node(f"model.dataelec.{FACT}")]
    build.build_warehouse(builds.ctx)
    after = read_marks(builds.ctx.paths)
    assert before is not None
    assert after is not None
    assert len(_renewed(before, after)) == 4


def _node(name: str, status: str = "success") -> NodeResult:
    return NodeResult(name, status, None, None, 0.1)
