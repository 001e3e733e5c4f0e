"""An audit compares what the lake holds with the portals' sums, and has what differs renewed."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.ingest import arrivals
from dataelec_assets.ingest.audit import Audit, audit_sources
from dataelec_assets.ingest.copies import refresh_copies, stale_copies
from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.lake.state import load_state
from dataelec_assets.portals.progress import SilentProgress
from tests.faults.france import GAS, SmallLake
from tests.ingest.conftest import LOADED, MONTHS, revise

DATASET = load_catalog()[GAS]
MONTH = LOADED[-1]
STOCK = "stock_fin_de_journee"


def audited(ctx: SmallLake) -> Audit:
    """Audit the gas."""
    (audit,) = audit_sources(ctx.ctx(), [DATASET])
    return audit


def test_a_lake_that_holds_what_the_portal_sums_up_is_proved_in_two_calls(loaded: SmallLake) -> None:
    before = len(loaded.portal.calls)
    audit = audited(loaded)
    made = loaded.portal.calls[before:]
    assert (audit.proved, audit.moved, audit.wrong) == (len(LOADED), len(MONTHS) - len(LOADED), {})
    assert [call.kind for call in made] == ["metadata", "records"]


def test_a_copy_that_the_disk_has_changed_is_found_and_rebuilt_from_raw(loaded: SmallLake) -> None:
    ctx = loaded.ctx()
    file = ctx.parquet.file(DATASET, MONTH)
    good = file.read_bytes()
    table = pq.read_table(file, partitioning=None)
    position = table.schema.get_field_index(STOCK)
    wrong = pa.array([each + 1 for each in table[STOCK].to_pylist()], pa.float64())
    pq.write_table(table.set_column(position, table.schema.field(position), wrong), file)

    audit = audited(loaded)

    assert list(audit.wrong) == [MONTH]
    assert f"{MONTH} is not what the portal sums up and is renewed: sum of {STOCK} is" in audit.lines()[0]
    assert [each.partition for each in stale_copies(ctx, DATASET)] == [MONTH]
    refresh_copies(ctx, DATASET)
    assert file.read_bytes() == good
    assert audited(loaded).wrong == {}


def test_a_copy_that_can_no_longer_be_read_is_rebuilt_from_raw(loaded: SmallLake) -> None:
    ctx = loaded.ctx()
    file = ctx.parquet.file(DATASET, MONTH)
    good = file.read_bytes()
    file.write_bytes(good[: len(good) // 2])
    audit = audited(loaded)
    assert (audit.error, list(audit.wrong)) == (None, [MONTH])
    assert "the copy is unreadable (" in audit.lines()[0]
    assert "in the lake, whole at the portal." in audit.lines()[0]
    refresh_copies(ctx, DATASET)
    assert file.read_bytes() == good


def test_a_damaged_vintage_is_reported_and_the_audit_of_the_others_goes_on(loaded: SmallLake) -> None:
    ctx = loaded.ctx()
    newest = ctx.raw.newest(GAS, MONTH)
    assert newest is not None
    ctx.raw.object_path(newest.sha256).write_bytes(b"no zstd")
    ctx.parquet.file(DATASET, MONTH).unlink()
    assert str(audited(loaded).error).startswith(f"{ctx.raw.object_path(newest.sha256)} cannot be read")


def test_a_vintage_that_was_believed_by_its_count_is_found_and_fetched_again(
    loaded: SmallLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx = loaded.ctx()
    revise(loaded, MONTH, 42.5)
    loaded.portal.fail("one_digit", dataset=GAS, kind="export", times=1)
    with monkeypatch.context() as patch:
        # What an earlier version did: the number of rows was all that counted.
        patch.setattr(arrivals.Arrival, "differing", lambda *_: [])
        assert refresh_source(ctx, DATASET, SilentProgress(), partitions=[MONTH]).changed == [MONTH]
    refresh_source(ctx, DATASET, SilentProgress())
    refresh_copies(ctx, DATASET)
    # By version and fingerprints, nothing is stale.
    assert load_state(ctx.paths, DATASET).version is not None
    assert refresh_source(ctx, DATASET, SilentProgress()).outcome == "unchanged"

    assert list(audited(loaded).wrong) == [MONTH]

    assert load_state(ctx.paths, DATASET).version is None
    assert refresh_source(ctx, DATASET, SilentProgress()).changed == [MONTH]
    refresh_copies(ctx, DATASET)
    assert audited(loaded).wrong == {}


def test_what_the_portal_has_changed_since_is_not_a_fault(loaded: SmallLake) -> None:
    revise(loaded, MONTH, 33.5)
    audit = audited(loaded)
    assert (audit.wrong, audit.proved) == ({}, len(LOADED) - 1)


def test_a_portal_that_does_not_answer_is_reported(loaded: SmallLake) -> None:
    loaded.portal.fail("status:500", dataset=GAS, kind="records")
    assert "HTTP 500" in str(audited(loaded).error)
