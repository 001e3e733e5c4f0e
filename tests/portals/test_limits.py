"""Bodies and archives that no publisher sends: refused once, with the limit and what was found."""

from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from dataelec_assets.errors import UnexpectedContent
from dataelec_assets.limits import LARGEST_REPLY, MOST_MEMBERS
from dataelec_assets.portals.streams import TooLarge, limited
from tests.portals.file_replies import BODY, COMMUNES, archive, fetched, zipped
from tests.portals.support import DATASET, Script, csv

WANTED = "donnees_communes.csv"
BOMB = b"COM;PMUN\n" + b"0" * (LARGEST_REPLY + 100_000)


def test_a_body_beyond_the_limit_is_read_no_further() -> None:
    read = []

    def chunks() -> Iterator[bytes]:
        for number in range(10):
            read.append(number)
            yield b"12345"

    with pytest.raises(TooLarge, match="larger than 12 bytes"):
        list(limited(chunks(), largest=12))
    assert read == [0, 1, 2]


def test_a_body_that_is_packed_tighter_than_any_table_is_refused_once(tmp_path: Path) -> None:
    def tight() -> httpx.Response:
        reply = csv(gzip.compress(BOMB), pieces=10_000)
        reply.headers["Content-Encoding"] = "gzip"
        return reply

    script = Script(tight)
    with (
        script.client() as client,
        pytest.raises(UnexpectedContent, match=r"x: [\d,]+ bytes are unpacked to 67,\d.*200 times at most \[https"),
    ):
        client.export("x", tmp_path / "part", where=None)
    assert len(script.requests) == 1
    assert not list(tmp_path.iterdir())


def test_a_small_reply_that_is_none_is_refused_once() -> None:
    def endless() -> httpx.Response:
        reply = csv(gzip.compress(BOMB), media_type="application/json", pieces=10_000)
        reply.headers["Content-Encoding"] = "gzip"
        return reply

    script = Script(endless)
    with script.client() as client, pytest.raises(UnexpectedContent, match=r"x: the body is larger than 67,108,864"):
        client.metadata(DATASET)
    assert len(script.requests) == 1


def encrypted() -> bytes:
    """Return an archive whose member says that it is encrypted."""
    packed = bytearray(archive({WANTED: BODY}))
    packed[6] |= 1
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    return bytes(packed)


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(WANTED, BOMB)
    return packed.getvalue()


def crowded() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as file:
        for number in range(MOST_MEMBERS + 1):
            file.writestr(f"{number}.csv", b"")
    return packed.getvalue()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: archive({WANTED: BODY, "../../etc/cron.d/x": b""}), r"points out of it, '\.\./\.\./etc/cron\.d/x'"),
        (lambda: archive({f"/{WANTED}": BODY}), "points out of it"),
        (lambda: archive({f"C:\\{WANTED}": BODY}), "points out of it"),
        (encrypted, f"member '{WANTED}' of the archive of 2020 is encrypted"),
        (crowded, "has 1,001 members; 1,000 at most are read"),
        (lambda: archive({WANTED: archive({WANTED: BODY})}), "a zip archive instead of CSV"),
        (bomb, r"bytes are unpacked to 67,\d+"),
    ],
    ids=["parent", "absolute", "drive", "encrypted", "crowded", "nested", "bomb"],
)
def test_an_archive_that_no_publisher_makes_is_refused_in_words(
    make: Callable[[], bytes], words: str, tmp_path: Path
) -> None:
    script = Script(lambda: zipped(make(), pieces=10_000))
    with pytest.raises(UnexpectedContent, match=f"{COMMUNES.id}: .*{words}.*6683035"):
        fetched(script, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_message_lists_no_more_than_a_few_members(tmp_path: Path) -> None:
    many = archive({f"other_{number}.csv": b"" for number in range(500)})
    with pytest.raises(UnexpectedContent) as caught:
        fetched(Script(lambda: zipped(many, pieces=10_000)), tmp_path)
    assert "other_19.csv, …" in str(caught.value)
    assert "other_20.csv" not in str(caught.value)
