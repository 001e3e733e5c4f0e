"""What a library or the machine raises while a source is handled ends with that source, with words and advice."""

from __future__ import annotations

import errno
import logging
import zipfile
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from dataelec_assets.errors import DatasetAbsent, UnexpectedFault
from dataelec_assets.ingest import arrivals
from dataelec_assets.ingest.faults import contained
from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.ingest.observe import observe_sources
from dataelec_assets.ingest.session import Session, Task
from dataelec_assets.lake import parquet
from dataelec_assets.lake.arrow_reading import read_rows
from dataelec_assets.lake.atomic_files import move_into_place
from dataelec_assets.lake.file_formats import RawFile
from dataelec_assets.lake.state import load_state
from dataelec_assets.portals.opendatasoft import OpendatasoftPortal
from dataelec_assets.portals.progress import SilentProgress
from tests.faults.france import GAS, TEMPERATURE, SmallLake
from tests.ingest.conftest import MONTHS

FULL = OSError(errno.ENOSPC, "No space left on device", "/lake/tmp/draft")
FOREIGN: tuple[Exception, ...] = (
    FULL,
    MemoryError(),
    zipfile.BadZipFile("File is not a zip file"),
    pa.ArrowInvalid("not a Parquet file\nand more"),
    UnicodeDecodeError("utf-8", b"x", 0, 1, "invalid start byte"),
    KeyError("tmoy"),
    RecursionError(),
)


def failing(fault: Exception, at: Callable[..., bool]) -> Callable[[Any], Callable[..., Any]]:
    """Return a wrapper of a function that raises a fault when its arguments say so."""

    def wrap(genuine: Any) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if at(*args, **kwargs):
                raise fault
            return genuine(*args, **kwargs)

        return call

    return wrap


@pytest.mark.parametrize("fault", FOREIGN, ids=lambda fault: type(fault).__name__)
def test_whatever_reading_one_month_raises_leaves_the_other_months_alone(
    bare: SmallLake, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    ctx = bare.ctx()

    def third(_: object, raw: RawFile, *__: object) -> bool:
        return MONTHS[2].encode() in (raw.content or b"")

    monkeypatch.setattr(arrivals, "read_rows", failing(fault, third)(read_rows))
    report = refresh_source(ctx, ctx.catalog[GAS], SilentProgress())
    assert (report.outcome, report.fault) == ("failed", "UnexpectedFault")
    assert str(report.error).startswith(f"{GAS}: fetching {MONTHS[2]}")
    assert f"`dataelec refresh --source {GAS}`" in str(report.error)
    assert "\n" not in str(report.error)
    assert len(ctx.raw.partitions(ctx.catalog[GAS])) == len(MONTHS) - 1
    # Nothing of the month that failed; of the others the rows from which their copies are made.
    assert {*bare.paths.temporary.glob("*")} == {each.path for each in report.typed.values()}
    monkeypatch.undo()
    again = refresh_source(bare.ctx(), ctx.catalog[GAS], SilentProgress())
    assert (again.outcome, len(again.changed)) == ("refreshed", 1)


def test_a_portal_that_breaks_the_client_holds_back_no_other(bare: SmallLake, monkeypatch: pytest.MonkeyPatch) -> None:
    fault = failing(IndexError("list index out of range"), lambda _, dataset: dataset.id == GAS)
    monkeypatch.setattr(OpendatasoftPortal, "metadata", fault(OpendatasoftPortal.metadata))
    ctx = bare.ctx()
    found = {each.dataset.id: each for each in observe_sources(ctx, [ctx.catalog[GAS], ctx.catalog[TEMPERATURE]])}
    assert (found[GAS].report.outcome, found[TEMPERATURE].report.outcome) == ("failed", "checked")
    assert "asking the portal failed: IndexError: list index out of range" in str(found[GAS].report.error)
    assert load_state(ctx.paths, ctx.catalog[GAS]).failures == 1


def test_a_disk_that_is_full_while_copying_is_a_fault_of_the_source(
    bare: SmallLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx = bare.ctx()
    (seen,) = observe_sources(ctx, [ctx.catalog[GAS]])
    monkeypatch.setattr(parquet, "move_into_place", failing(FULL, lambda *_: True)(move_into_place))
    done = Session(ctx).ingest(Task(seen, MONTHS[:2]))
    assert (done.report.outcome, done.copies) == ("failed", None)
    assert done.report.changed == list(MONTHS[:2])
    error = str(done.report.error)
    assert error == (
        f"{GAS}: copying failed: No space left on device (/lake/tmp/draft). The last good state is kept and stays "
        f"served. Free some space on the disk, then run `dataelec refresh --source {GAS}`."
    )


def test_an_error_of_our_own_leaves_its_stack_trace_in_the_log(
    bare: SmallLake, caplog: pytest.LogCaptureFixture
) -> None:
    dataset = bare.ctx().catalog[GAS]
    for fault, traced in ((FULL, False), (KeyError("tmoy"), True)):
        caplog.clear()
        with caplog.at_level(logging.ERROR), pytest.raises(UnexpectedFault), contained(dataset, "reading"):
            raise fault
        assert any(record.exc_info for record in caplog.records) == traced


@pytest.mark.parametrize("passing", [KeyboardInterrupt(), SystemExit(1), DatasetAbsent("gone", dataset_id=GAS)])
def test_our_own_faults_and_interruptions_pass(bare: SmallLake, passing: BaseException) -> None:
    with pytest.raises(type(passing)) as caught, contained(bare.ctx().catalog[GAS], "reading"):
        raise passing
    assert caught.value is passing
