"""What is accepted as an export, and what is left on the disk when it is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from dataelec_assets.errors import IncompleteExport, QuotaExceeded, SourceError, UnexpectedContent
from dataelec_assets.portals.client import Download
from tests.portals.support import CSV, Reply, Script, compressed, csv, gzipped, plain

HTML = b"<html><head><title>Maintenance</title></head></html>"


def export(script: Script, folder: Path, received: list[int] | None = None) -> Download:
    with script.client() as client:
        on_bytes = None if received is None else received.append
        return client.export("x", folder / "part", where=None, on_bytes=on_bytes)


@pytest.mark.parametrize(
    ("reply", "fault", "told"),
    [
        (lambda: csv(b""), IncompleteExport, "the body is empty"),
        (lambda: csv(b"\xef\xbb\xbf"), IncompleteExport, "the body is empty"),
        (lambda: csv(CSV[:-1]), IncompleteExport, "stops in the middle of a line after"),
        (lambda: gzipped(compressed()[:-4]), IncompleteExport, "gzip stream ends early"),
        (lambda: gzipped(compressed()[:20] + b"\xff" * 9 + compressed()[29:]), IncompleteExport, "gzip stream"),
        (lambda: gzipped(compressed()[:-8] + b"\0" * 8), IncompleteExport, "gzip stream is damaged"),
        (lambda: gzipped(b""), IncompleteExport, "gzip stream ends early"),
        (
            lambda: httpx.Response(200, headers={"Content-Encoding": "br"}, content=iter([CSV])),
            IncompleteExport,
            "'br' was not requested",
        ),
        (lambda: csv(HTML), UnexpectedContent, "an HTML page “Maintenance”"),
        (lambda: csv(b"\xef\xbb\xbf \n" + HTML, pieces=1), UnexpectedContent, "an HTML page “Maintenance”"),
        (lambda: csv(CSV, media_type="text/html"), UnexpectedContent, "announced as text/html"),
        (
            lambda: csv(b'{"error_code":"InternalServerError","message":"internal error"}\n'),
            UnexpectedContent,
            "internal error",
        ),
        (lambda: csv(b"[]", media_type="application/json"), UnexpectedContent, "application/json"),
    ],
)
def test_a_body_that_is_not_a_complete_csv_is_retried_and_leaves_nothing(
    reply: Callable[[], Reply], fault: type[SourceError], told: str, tmp_path: Path
) -> None:
    script = Script(reply)
    received: list[int] = []
    with pytest.raises(fault, match=told) as caught:
        export(script, tmp_path, received)
    assert "after 4 attempts" in str(caught.value)
    assert len(script.requests) == 4
    assert list(tmp_path.iterdir()) == []
    assert sum(received) == 0
    # The same fault once, then a good reply: the file is that of the good reply alone.
    received.clear()
    download = export(Script(reply, csv), tmp_path, received)
    assert plain(download.path) == CSV
    assert sum(received) == len(CSV)


def test_all_members_of_a_gzip_stream_are_read(tmp_path: Path) -> None:
    half = len(CSV) // 2
    download = export(Script(lambda: gzipped(compressed(CSV[:half]) + compressed(CSV[half:]))), tmp_path)
    assert plain(download.path) == CSV


def test_an_export_with_a_header_and_no_rows_is_complete(tmp_path: Path) -> None:
    download = export(Script(lambda: csv(b"date;tmoy\r\n")), tmp_path)
    assert plain(download.path) == b"date;tmoy\r\n"


def test_a_bom_that_was_not_requested_is_kept_as_published(tmp_path: Path) -> None:
    body = b"\xef\xbb\xbf" + CSV
    assert plain(export(Script(lambda: csv(body, pieces=1)), tmp_path).path) == body


def test_a_quota_reply_of_status_200_is_not_retried(tmp_path: Path) -> None:
    script = Script(lambda: csv(b'{"errorcode": 10002, "error": "Too many requests on the domain."}'))
    with pytest.raises(QuotaExceeded, match="Too many requests"):
        export(script, tmp_path)
    assert len(script.requests) == 1


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError])
def test_an_interrupted_export_leaves_nothing(stop: type[BaseException], tmp_path: Path) -> None:
    def interrupt(count: int) -> None:
        if count > 0:
            raise stop

    script = Script(csv)
    with script.client() as client, pytest.raises(stop):
        client.export("x", tmp_path / "part", where=None, on_bytes=interrupt)
    assert list(tmp_path.iterdir()) == []
    assert len(script.requests) == 1
