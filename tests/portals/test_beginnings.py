"""The beginning of a file costs a few ranges of bytes, however large the file is."""

from __future__ import annotations

import io
import random
import zipfile

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dataelec_assets.catalog import Edition
from dataelec_assets.errors import UnexpectedContent
from dataelec_assets.portals.beginnings import BEGINNING, PIECE, Pieces, WholeFilesOnly, beginning_of
from tests.portals.file_replies import COMMUNES

LINES = b"com;pmun\n" + b"".join(b"%05d;%d\n" % (number, number * 7) for number in range(400_000))


class Server:
    """Sends ranges of one file and counts them."""

    def __init__(self, content: bytes) -> None:
        self.content, self.asked = content, list[str]()

    def __call__(self, span: str) -> tuple[bytes, httpx.Headers]:
        self.asked.append(span)
        first, last = (int(each) for each in span.removeprefix("bytes=").split("-"))
        last = min(last, len(self.content) - 1)
        headers = httpx.Headers({"Content-Range": f"bytes {first}-{last}/{len(self.content)}"})
        return self.content[first : last + 1], headers


def _archive(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _edition(member: str | None) -> Edition:
    return Edition("2020", "fichier/2020", member)


def test_a_large_csv_costs_two_requests_at_most_and_ends_with_a_whole_line() -> None:
    server = Server(LINES)
    found = beginning_of(COMMUNES, _edition(None), Pieces(server))
    assert LINES.startswith(found.content)
    assert found.content.endswith(b"\n")
    assert BEGINNING - 100 < len(found.content) <= BEGINNING
    assert len(server.asked) <= 2


def test_a_short_csv_is_there_whole_even_without_a_last_line_end() -> None:
    assert beginning_of(COMMUNES, _edition(None), Pieces(Server(b"com;pmun\n01001;7"))).content == b"com;pmun\n01001;7"


def test_a_member_of_a_large_archive_costs_its_two_ends() -> None:
    noise = random.Random(1).randbytes(5 * PIECE)  # noqa: S311 - bytes that do not shrink
    archive = _archive({"varmod.csv": noise, "donnees_communes.csv": LINES, "readme.txt": noise})
    server = Server(archive)
    found = beginning_of(COMMUNES, _edition("donnees_communes.csv"), Pieces(server))
    assert found.content == LINES[: len(found.content)]
    assert len(server.asked) == len(set(server.asked)) <= 5
    assert len(server.asked) * PIECE < len(archive) / 2


def test_columns_of_a_parquet_file_are_read_at_its_end() -> None:
    table = pa.table({"commune": pa.array(["01001"] * 10), "ipondl": pa.array([1.5] * 10)})
    written = io.BytesIO()
    pq.write_table(table, written)
    found = beginning_of(COMMUNES, _edition(None), Pieces(Server(written.getvalue())))
    assert [(each.name, each.type) for each in found.fields] == [("commune", "string"), ("ipondl", "double")]
    assert found.content == b""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (_archive({"lisezmoi.txt": b"rien"}), "has no member like"),
        (b"<html>maintenance</html>", "cannot be read"),
        (_archive({"donnees_communes.csv": LINES})[:-30], "cannot be read"),
    ],
)
def test_an_archive_without_the_member_or_damaged_is_said_so(content: bytes, words: str) -> None:
    with pytest.raises(UnexpectedContent, match=words):
        beginning_of(COMMUNES, _edition("donnees_communes.csv"), Pieces(Server(content)))


def test_a_damaged_parquet_file_is_said_so() -> None:
    with pytest.raises(UnexpectedContent, match="the Parquet file of 2020 cannot be read"):
        beginning_of(COMMUNES, _edition(None), Pieces(Server(b"PAR1" + b"\0" * 100)))


def test_a_server_without_ranges_is_asked_once() -> None:
    asked: list[str] = []

    def whole(span: str) -> tuple[bytes, httpx.Headers]:
        asked.append(span)
        return LINES, httpx.Headers()

    with pytest.raises(WholeFilesOnly):
        Pieces(whole)
    assert len(asked) == 1


def test_pieces_read_like_any_file() -> None:
    stream = io.BufferedReader(Pieces(Server(LINES)), 4096)
    assert stream.seek(0, io.SEEK_END) == len(LINES)
    stream.seek(PIECE - 3)
    assert stream.read(6) == LINES[PIECE - 3 : PIECE + 3]
    stream.seek(-5, io.SEEK_END)
    assert stream.read() == LINES[-5:]
