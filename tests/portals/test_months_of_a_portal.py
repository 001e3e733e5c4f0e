"""A small history on Opendatasoft, fetched month by month, is whole."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dataelec_assets.catalog import Dataset, load_catalog
from dataelec_assets.errors import (
    DatasetAbsent,
    IncompleteExport,
    PortalUnreachable,
    QuotaExceeded,
    RequestRejected,
    SourceError,
    UnexpectedContent,
)
from dataelec_assets.portals.client import Download, SpanPortal
from dataelec_assets.portals.downloads import Done, run_side_by_side
from dataelec_assets.portals.fingerprints import Fingerprint
from dataelec_assets.portals.opendatasoft import OpendatasoftPortal
from dataelec_assets.portals.partition_filters import (
    PARIS,
    partition_of,
    where_of,
    where_of_span,
)
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.portals.retries import RetryPolicy
from tests.portals.support import opendatasoft, plain
from tests.published import publish, stub
from tests.stubs import Stub

CATALOG = load_catalog()
HALF_HOURS = CATALOG["eco2mix-national-cons-def"]
DAYS = CATALOG["temperature-quotidienne-regionale"]
DATASETS = [HALF_HOURS, DAYS]

# February to April 2019: a change of clock inside, month ends whose UTC day is another month's.
FIRST, AFTER = date(2019, 2, 1), date(2019, 5, 1)
VERSION = datetime(2019, 7, 1, tzinfo=UTC)
MONTHS = ["2019-02", "2019-03", "2019-04"]
ROWS = {HALF_HOURS.id: [28 * 48, 31 * 48, 30 * 48], DAYS.id: [28 * 2, 31 * 2, 30 * 2]}


def half_hours() -> Iterator[list[str]]:
    yield ["nature", "date", "heure", "date_heure", *HALF_HOURS.fingerprint]
    for day in days():
        nature = "Données définitives" if day < date(2019, 3, 15) else "Données consolidées"
        for number in range(48):
            label = datetime(day.year, day.month, day.day, number // 2, number % 2 * 30, tzinfo=PARIS)
            instant = label.astimezone(UTC)
            measures = [str(40_000 + day.day * number), str(30_000 + number), "", str(-number)]
            yield [nature, day.isoformat(), label.strftime("%H:%M"), instant.isoformat(), *measures]


def temperatures() -> Iterator[list[str]]:
    yield ["date", "code_insee_region", "region", "tmin", "tmax", "tmoy"]
    for day in days():
        for code in ("11", "94"):
            yield [day.isoformat(), code, "x", f"{day.day / 10}", f"{day.day / 2}", f"{day.day * 0.3:.2f}"]


def days() -> Iterator[date]:
    return (FIRST + timedelta(days=number) for number in range((AFTER - FIRST).days))


@pytest.fixture(scope="module")
def running() -> Iterator[Stub]:
    with stub() as portal:
        for dataset, rows in ((HALF_HOURS, half_hours()), (DAYS, temperatures())):
            text = io.StringIO()
            csv.writer(text, delimiter=";").writerows(rows)
            publish(portal, dataset, text.getvalue(), VERSION)
        yield portal


@pytest.fixture
def client(running: Stub) -> Iterator[OpendatasoftPortal]:
    quick = RetryPolicy(attempts=3, first_wait=0.01, longest_wait=0.02)
    with opendatasoft(f"{running.url}/odre", retries=quick) as client:
        yield client
    running.heal()


def surveyed(client: OpendatasoftPortal, dataset: Dataset) -> dict[str, Fingerprint]:
    return dict(client.survey(dataset, client.metadata(dataset)).partitions)


def rows_of(download: Download) -> list[tuple[str, ...]]:
    return [tuple(row) for row in csv.reader(io.StringIO(plain(download.path).decode()), delimiter=";")]


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.id)
def test_metadata_counts_and_fingerprints_agree(client: OpendatasoftPortal, dataset: Dataset) -> None:
    metadata = client.metadata(dataset)
    counts = [client.count(dataset.id, where_of(dataset, month)) for month in MONTHS]
    found = surveyed(client, dataset)
    assert list(found) == MONTHS
    assert [each.rows for each in found.values()] == counts == ROWS[dataset.id]
    assert metadata.records_count == sum(counts) == client.count(dataset.id, None)
    assert metadata.data_processed == VERSION
    assert {field.name for field in metadata.fields} <= set(dataset.column_names)
    assert not metadata.synthetic


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.id)
def test_month_by_month_gives_every_row_once_and_in_its_month(
    client: OpendatasoftPortal, dataset: Dataset, tmp_path: Path
) -> None:
    def fetch(month: str, on_bytes: object) -> Download:
        assert callable(on_bytes)
        download = client.fetch(dataset, month, tmp_path / month, on_bytes)
        client.verify(dataset, month, len(rows_of(download)) - 1)
        return download

    outcomes = run_side_by_side(MONTHS, fetch, limit=3, progress=SilentProgress())
    downloads = [outcome.result for outcome in outcomes if isinstance(outcome, Done)]
    whole = rows_of(client.export(dataset.id, tmp_path / "whole", where=None))
    header, parts = whole[0], [rows_of(download) for download in downloads]
    assert [part[0] for part in parts] == [header] * 3
    assert sorted(row for part in parts for row in part[1:]) == sorted(whole[1:])
    assert dataset.partitioning.on is not None
    place = header.index(dataset.partitioning.on)
    read = datetime.fromisoformat if dataset is HALF_HOURS else date.fromisoformat
    for month, part in zip(MONTHS, parts, strict=True):
        assert {partition_of(dataset, read(row[place])) for row in part[1:]} == {month}
    again = client.export(dataset.id, tmp_path / "again", where=where_of(dataset, MONTHS[1]))
    assert again.sha256 == downloads[1].sha256


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.id)
def test_months_that_come_together_are_the_files_that_come_alone(
    client: OpendatasoftPortal, dataset: Dataset, tmp_path: Path
) -> None:
    assert isinstance(client, SpanPortal)
    counted: list[int] = []
    drafts = {month: tmp_path / f"{month}.cut" for month in MONTHS}
    together = client.fetch_together(dataset, drafts, counted.append)
    assert (together.fault, together.strays, list(together.downloads)) == (None, 0, MONTHS)
    parameters = {each.parameters["where"] for each in together.downloads.values()}
    assert parameters == {where_of_span(dataset, MONTHS[0], MONTHS[-1])}
    for month, cut in together.downloads.items():
        alone = client.fetch(dataset, month, tmp_path / month, lambda _: None)
        assert replace(cut, path=alone.path, parameters=alone.parameters) == alone
        assert cut.path.read_bytes() == alone.path.read_bytes()
    header = len(plain(drafts[MONTHS[0]]).partition(b"\n")[0]) + 1
    assert sum(counted) == sum(each.bytes for each in together.downloads.values()) - 2 * header


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("status:500", PortalUnreachable),
        ("status:429-quota", QuotaExceeded),
        ("html_200", UnexpectedContent),
        ("truncate", IncompleteExport),
    ],
)
def test_a_fault_of_a_span_is_told_with_what_had_come(
    running: Stub, client: OpendatasoftPortal, fault: str, expected: type[SourceError], tmp_path: Path
) -> None:
    counted: list[int] = []
    drafts = {month: tmp_path / month for month in MONTHS}
    running.fail(fault)
    together = client.fetch_together(DAYS, drafts, counted.append)
    assert isinstance(together.fault, expected)
    assert bool(together.downloads) == (fault == "truncate")
    assert sum(counted) == 0
    running.fail(fault, times=2)
    if fault != "status:429-quota":
        assert client.fetch_together(DAYS, drafts, counted.append).fault is None


def test_a_revised_value_or_status_changes_the_fingerprint_of_its_month_alone(
    running: Stub, client: OpendatasoftPortal
) -> None:
    before = surveyed(client, HALF_HOURS)
    name = f"odre/{HALF_HOURS.id}"
    running.revise(name, "date = '2019-03-20' and heure = '12:00'", consommation=39_999)
    revised = surveyed(client, HALF_HOURS)
    running.revise(name, "date = '2019-04-20'", nature="Données définitives")
    promoted = surveyed(client, HALF_HOURS)
    assert [month for month in MONTHS if revised[month] != before[month]] == ["2019-03"]
    assert [month for month in MONTHS if promoted[month] != revised[month]] == ["2019-04"]
    assert [each.rows for each in promoted.values()] == ROWS[HALF_HOURS.id]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("status:500", PortalUnreachable),
        ("status:503", PortalUnreachable),
        ("status:400", RequestRejected),
        ("status:401", RequestRejected),
        ("status:410", DatasetAbsent),
        ("status:429-quota", QuotaExceeded),
        ("html_200", UnexpectedContent),
        ("json_error_200", UnexpectedContent),
        ("truncate", IncompleteExport),
        ("reset", PortalUnreachable),
    ],
)
def test_every_fault_of_an_export_is_typed_and_leaves_nothing(
    running: Stub, client: OpendatasoftPortal, fault: str, expected: type[SourceError], tmp_path: Path
) -> None:
    running.fail(fault)
    with pytest.raises(expected):
        client.export(DAYS.id, tmp_path / "part", where=None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("fault", ["status:500", "html_200", "json_error_200", "truncate", "reset"])
def test_a_passing_fault_is_survived(running: Stub, client: OpendatasoftPortal, fault: str, tmp_path: Path) -> None:
    running.fail(fault, times=2)
    download = client.export(DAYS.id, tmp_path / "part", where=None)
    assert len(rows_of(download)) - 1 == sum(ROWS[DAYS.id])


def test_an_export_that_ends_properly_with_rows_missing_is_found_out_by_the_count(
    running: Stub, client: OpendatasoftPortal, tmp_path: Path
) -> None:
    running.fail("truncate_clean", times=1)
    download = client.fetch(DAYS, MONTHS[1], tmp_path / "part", lambda _: None)
    with pytest.raises(IncompleteExport, match="on the portal"):
        client.verify(DAYS, MONTHS[1], len(rows_of(download)) - 1)


def test_an_unknown_data_set_is_absent(client: OpendatasoftPortal) -> None:
    with pytest.raises(DatasetAbsent, match="does not exist"):
        client.metadata(replace(DAYS, id="inconnu"))


def test_a_wrong_filter_is_rejected_in_the_words_of_the_portal(client: OpendatasoftPortal) -> None:
    with pytest.raises(RequestRejected, match="ODSQL"):
        client.count(DAYS.id, "inconnu = 1")


def test_a_private_data_set_needs_the_key(running: Stub, client: OpendatasoftPortal) -> None:
    running.keys[DAYS.id] = "k3y"
    try:
        with pytest.raises(RequestRejected, match="401"):
            client.count(DAYS.id, None)
        with opendatasoft(f"{running.url}/odre", api_key="k3y") as holder:
            assert holder.count(DAYS.id, None) == sum(ROWS[DAYS.id])
    finally:
        del running.keys[DAYS.id]
