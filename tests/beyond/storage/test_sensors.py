"""Sensors on a machine that writes nothing itself look at what others have written to the bucket."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from dataelec_assets.catalog import Catalog
from dataelec_assets.defs.report_assets import report_behind
from dataelec_assets.defs.sensors import stale_sources
from dataelec_assets.defs.tables import Tables
from dataelec_assets.lake.bucket import Bucket
from dataelec_assets.lake.locks import exclusive
from dataelec_assets.lake.state import SourceState, load_state, save_state
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse.parse import ensure_parse
from tests.faults.france import SOURCES

pytestmark = pytest.mark.beyond


@pytest.fixture
def elsewhere(bucket: Bucket, tmp_path: Path) -> RunContext:
    """Return the lake as one machine sees it, of which another has just asked all sources."""
    address: Any = bucket.address
    (tmp_path / "data").mkdir()
    one, other = (
        RunContext(Settings(lake=address, folder=tmp_path / "data", scratch=tmp_path / name)) for name in ("a", "b")
    )
    with exclusive(one.paths):
        for each in SOURCES:
            asked = datetime.now(UTC).isoformat()
            save_state(one.paths, one.catalog[each], SourceState(version="1", checked_at=asked, status="fresh"))
    return other


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as found:
        yield found


def test_a_source_that_another_machine_has_just_asked_is_not_due(
    elsewhere: RunContext, instance: dg.DagsterInstance
) -> None:
    tables = Tables(elsewhere.catalog, ensure_parse(elsewhere.paths).manifest_json)
    sensor = stale_sources(Catalog([elsewhere.catalog[each] for each in SOURCES]), tables)
    for _ in range(2):
        found: Any = sensor(dg.build_sensor_context(instance, resources={"ctx": elsewhere}))
        assert found.skip_reason.skip_message == "0 source(s) asked; nothing is stale."


def test_the_report_is_compared_with_what_the_bucket_serves(
    elsewhere: RunContext, instance: dg.DagsterInstance
) -> None:
    report_behind()(dg.build_sensor_context(instance, resources={"ctx": elsewhere}))
    assert load_state(elsewhere.paths, elsewhere.catalog[SOURCES[0]]).status == "fresh"
