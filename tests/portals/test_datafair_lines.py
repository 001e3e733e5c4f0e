"""The client of data-fair: pages of lines, their count, and every way in which they go wrong."""

from __future__ import annotations

import hashlib
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from dataelec_assets.errors import (
    DatasetAbsent,
    IncompleteExport,
    LakeError,
    PortalUnreachable,
    RequestRejected,
    SourceError,
    UnexpectedContent,
)
from dataelec_assets.portals.datafair import DataFairPortal
from dataelec_assets.portals.partition_filters import ALL
from tests.portals.datafair_replies import (
    COMMUNES,
    FIRST,
    GONE,
    HEADER,
    LINES,
    METADATA,
    SECOND,
    UNCUT,
    after,
    fetched,
    lines,
)
from tests.portals.support import Reply, Script, csv, document, page, plain, refusal


def test_pages_become_one_file_with_one_header_in_the_portals_order(tmp_path: Path) -> None:
    script = Script(lambda: lines(FIRST, after(2)), lambda: lines(SECOND, after(3)), lambda: lines(HEADER))
    counted: list[int] = []
    with DataFairPortal(script.connection()) as client:
        download = client.fetch(COMMUNES, "2023", tmp_path / "part", counted.append)
    whole = FIRST + SECOND.removeprefix(HEADER)
    assert plain(download.path) == whole
    assert (download.sha256, download.bytes) == (hashlib.sha256(whole).hexdigest(), len(whole))
    assert sum(counted) == len(whole)
    first, second, third = script.requests
    assert first.url.path == LINES
    assert dict(first.url.params) == {"size": "10000", "format": "csv", "sep": ";", "qs": "annee:2023"}
    assert download.parameters == dict(first.url.params)
    assert [each.url.params["after"] for each in (second, third)] == ["2", "3"]
    # The address is our own: only the parameters are the portal's.
    assert {each.url.path for each in script.requests} == {LINES}


def test_a_link_among_others_and_without_host_is_followed(tmp_path: Path) -> None:
    reply = csv(FIRST)
    reply.headers["Link"] = f'<{LINES}?after=0>; rel="prev", <{LINES}?after=2>; title="suite"; rel="next"'
    script = Script(lambda: reply, lambda: lines(SECOND))
    fetched(script, tmp_path)
    assert script.requests[1].url.params["after"] == "2"


def test_a_year_is_never_all_in_memory(tmp_path: Path) -> None:
    body = HEADER + b'2023;"69123";100.5;10\n' * 120_000
    pages = 24  # 60 MB in all
    script = Script(*(partial(lines, body, after(each)) for each in range(pages - 1)), lambda: lines(body))
    tracemalloc.start()
    try:
        download = fetched(script, tmp_path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert download.bytes > 60_000_000
    assert peak < 5 * len(body)


def test_a_data_set_that_is_not_cut_is_fetched_without_filter(tmp_path: Path) -> None:
    script = Script(lambda: lines(FIRST))
    fetched(script, tmp_path, UNCUT, ALL)
    assert "qs" not in script.parameters


def test_a_next_page_on_another_host_is_refused(tmp_path: Path) -> None:
    script = Script(lambda: lines(FIRST, after(2, "elsewhere.example")))
    with pytest.raises(UnexpectedContent, match=r"another host \(elsewhere\.example\)"):
        fetched(script, tmp_path)
    assert len(script.requests) == 1
    assert not list(tmp_path.iterdir())


def test_pages_that_go_in_circles_are_given_up(tmp_path: Path) -> None:
    script = Script(lambda: lines(FIRST, after(2)))
    with pytest.raises(UnexpectedContent, match="in circles"):
        fetched(script, tmp_path)
    assert len(script.requests) == 2


def test_a_later_page_with_another_header_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    other = SECOND.replace(b"Nb sites", b"Sites")
    counted: list[int] = []
    script = Script(lambda: lines(FIRST, after(2)), lambda: lines(other))
    with (
        DataFairPortal(script.connection()) as client,
        pytest.raises(IncompleteExport, match=r"another header .*after=2"),
    ):
        client.fetch(COMMUNES, "2023", tmp_path / "part", counted.append)
    assert not list(tmp_path.iterdir())
    assert sum(counted) == 0


def test_a_later_page_without_byte_order_mark_has_the_same_header(tmp_path: Path) -> None:
    script = Script(lambda: lines(FIRST, after(2)), lambda: lines(SECOND.removeprefix(b"\xef\xbb\xbf")))
    assert plain(fetched(script, tmp_path).path) == FIRST + SECOND.removeprefix(HEADER)


def test_a_page_that_is_cut_in_a_line_is_asked_again(tmp_path: Path) -> None:
    script = Script(lambda: lines(FIRST, after(2)), lambda: lines(SECOND[:-3]), lambda: lines(SECOND))
    assert plain(fetched(script, tmp_path).path) == FIRST + SECOND.removeprefix(HEADER)
    assert len(script.waits) == 1


@pytest.mark.parametrize("broken", [FIRST[:-1], b""])
def test_a_page_that_is_cut_in_every_attempt_is_an_incomplete_export(broken: bytes, tmp_path: Path) -> None:
    with pytest.raises(IncompleteExport, match="after 4 attempts"):
        fetched(Script(lambda: lines(broken)), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("instead", [page, lambda: document({"message": "Erreur interne"})])
@pytest.mark.parametrize("pages_before", [0, 1])
def test_a_page_or_an_error_object_with_a_status_of_success_is_retried_then_reported(
    instead: Callable[[], Reply], pages_before: int, tmp_path: Path
) -> None:
    script = Script(*[lambda: lines(FIRST, after(2))] * pages_before, instead)
    with pytest.raises(UnexpectedContent, match=r"(En maintenance|Erreur interne).*after 4 attempts"):
        fetched(script, tmp_path)
    assert not list(tmp_path.iterdir())


def test_html_instead_of_metadata_is_unexpected_content() -> None:
    with DataFairPortal(Script(page).connection()) as client, pytest.raises(UnexpectedContent, match="En maintenance"):
        client.metadata(COMMUNES)


@pytest.mark.parametrize(
    ("status", "words", "kind", "requests"),
    [
        (400, '"size" cannot be more than 10000', RequestRejected, 1),
        (403, "Permission manquante.", RequestRejected, 1),
        (404, "Dataset not found", DatasetAbsent, 1),
        (410, GONE, DatasetAbsent, 1),
        (409, "Le jeu de données n'est pas dans un état permettant l'opération demandée.", PortalUnreachable, 4),
        (500, "Erreur interne", PortalUnreachable, 4),
    ],
)
def test_errors_in_plain_french_are_reported_and_only_passing_ones_are_retried(
    status: int, words: str, kind: type[SourceError], requests: int, tmp_path: Path
) -> None:
    asks: list[Callable[[DataFairPortal], object]] = [
        lambda client: client.metadata(COMMUNES),
        lambda client: client.fetch(COMMUNES, "2023", tmp_path / "part", lambda _: None),
        lambda client: client.verify(COMMUNES, "2023", 3),
    ]
    for ask in asks:
        script = Script(lambda: refusal(status, words))
        with DataFairPortal(script.connection()) as client, pytest.raises(kind) as caught:
            ask(client)
        assert f"HTTP {status}: {words}" in str(caught.value)
        assert COMMUNES.id in str(caught.value)
        assert len(script.requests) == requests


def test_a_server_error_that_passes_costs_one_wait() -> None:
    script = Script(lambda: refusal(500, "Erreur interne"), lambda: document(METADATA))
    with DataFairPortal(script.connection()) as client:
        client.metadata(COMMUNES)
    assert len(script.waits) == 1


def test_rows_are_verified_against_the_total_under_the_same_filter() -> None:
    script = Script(lambda: document({"total": 3, "results": []}))
    with DataFairPortal(script.connection()) as client:
        client.verify(COMMUNES, "2023", 3)
    assert script.requests[0].url.path == LINES
    assert script.parameters == {"size": "0", "qs": "annee:2023"}
    assert len(script.requests) == 1


def test_a_total_that_differs_twice_is_an_incomplete_export_with_both_numbers() -> None:
    script = Script(lambda: document({"total": 12000}))
    with (
        DataFairPortal(script.connection()) as client,
        pytest.raises(IncompleteExport, match="10,000 rows in the export of 2023, 12,000 on the portal"),
    ):
        client.verify(COMMUNES, "2023", 10_000)
    assert len(script.requests) == 2


def test_a_total_that_met_the_portal_in_the_middle_of_a_processing_is_counted_again() -> None:
    with DataFairPortal(Script(lambda: document({"total": 0}), lambda: document({"total": 3})).connection()) as client:
        client.verify(COMMUNES, "2023", 3)


def test_a_reply_without_total_is_unexpected_content() -> None:
    script = Script(lambda: document({"results": []}))
    with DataFairPortal(script.connection()) as client, pytest.raises(UnexpectedContent, match="no total"):
        client.verify(COMMUNES, "2023", 3)


def test_a_file_that_cannot_be_written_is_not_the_portals_fault(tmp_path: Path) -> None:
    script = Script(lambda: lines(FIRST))
    with DataFairPortal(script.connection()) as client, pytest.raises(LakeError, match=r"cannot write .*free space"):
        client.fetch(COMMUNES, "2023", tmp_path / "absent" / "part", lambda _: None)
    assert len(script.requests) == 1
