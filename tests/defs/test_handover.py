"""What steps on several machines hand to each other lies in the lake, and a broker needs what reaches it."""

from __future__ import annotations

import sys
from pathlib import Path

import dagster as dg
import pytest

from dataelec_assets.defs.build import build_definitions
from dataelec_assets.defs.handover import HandOver
from dataelec_assets.errors import LakeError, SettingsError
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Secret, Settings


def output(run: str, key: str | None = None) -> dg.OutputContext:
    return dg.build_output_context(step_key="observe", name="stale", run_id=run, mapping_key=key)


def test_each_output_of_each_run_is_read_as_it_was_written(lake_paths: LakePaths) -> None:
    given = HandOver(lake_paths)
    written = {("run 1", "gas"): ["2023-01"], ("run 1", "wind"): [], ("run 2", "gas"): ["2023-02"]}
    for (run, key), value in written.items():
        given.handle_output(output(run, key), value)
    for (run, key), value in written.items():
        assert given.load_input(dg.build_input_context(upstream_output=output(run, key))) == value
    assert sorted(path.name for path in lake_paths.handover.iterdir()) == ["run 1", "run 2"]
    assert list(lake_paths.handover.rglob(".*")) == []


def test_what_is_not_there_is_told_with_its_reason(lake_paths: LakePaths) -> None:
    with pytest.raises(LakeError, match="is not there"):
        HandOver(lake_paths).load_input(dg.build_input_context(upstream_output=output("run 1")))


def test_a_broker_without_what_reaches_it_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "celery", None)
    monkeypatch.delitem(sys.modules, "dataelec_assets.defs.workers", raising=False)
    ctx = RunContext(Settings(lake=tmp_path / "lake", broker=Secret("redis://:geheim@127.0.0.1:6379/0")))
    with pytest.raises(SettingsError, match=r"celery is not installed.*\[cluster\]") as refused:
        build_definitions(ctx)
    assert "geheim" not in str(refused.value)
