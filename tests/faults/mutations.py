"""Ways in which a published file goes wrong: cut, flipped, doubled, otherwise encoded, packed, nested."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable

_ENDS = (b"\r", b"\r\n", b"\n\r", b"\r\r\n", b"\n\n")
_HEADS = (
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00", b"\n", b"\r", b" ", b"\x1f\x8b\x08\x00", b"PK\x03\x04"),
    *(b"\x28\xb5\x2f\xfd", b"\xef\xbf", b"<", b"{", b"PAR1"),
)
_PIECES = (
    *(b";", b",", b"\t", b"''", b'"', b'"' * 7, b"\\", b"{", b"}", b"[", b"]", b"null", b"NaN", b"1e999", b"-"),
    *(b"9" * 400, b"\xc3", b"\xe2\x82", b"\xed\xa0\x80", b"\x00" * 9, b"x" * 70_000, b"\r", b"\x1a"),
)
_ENCODINGS = ("utf-16", "utf-16-le", "utf-32", "cp1252", "utf-8-sig")


def _cut(raw: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(raw) + 1)
    return draw.choice((raw[:at], raw[at:], raw[:at] + raw[at + draw.randrange(200) :]))


def _flip(raw: bytes, draw: random.Random) -> bytes:
    changed = bytearray(raw)
    for _ in range(draw.randrange(1, 9)):
        if changed:
            changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed)


def _repeat(raw: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(raw) + 1)
    return draw.choice((raw * 2, raw[:at] + raw[at : at + 200] + raw[at:]))


def _insert(raw: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(raw) + 1)
    return raw[:at] + draw.choice(_PIECES) * draw.choice((1, 1, 2, 30)) + raw[at:]


def _begin(raw: bytes, draw: random.Random) -> bytes:
    return draw.choice(_HEADS) + raw


def _end_lines(raw: bytes, draw: random.Random) -> bytes:
    return raw.replace(b"\n", draw.choice(_ENDS), draw.choice((-1, 1, 3)))


def _encode(raw: bytes, draw: random.Random) -> bytes:
    return raw.decode("utf-8", "replace").encode(draw.choice(_ENCODINGS), "replace")


def _shuffle(raw: bytes, draw: random.Random) -> bytes:
    lines = raw.split(b"\n")
    draw.shuffle(lines)
    return b"\n".join(lines)


def _unquote(raw: bytes, draw: random.Random) -> bytes:
    mark = draw.choice((b'"', b";", b",", b":", b"}"))
    return raw.replace(mark, draw.choice((b"", b";", b"|")), draw.choice((1, -1)))


def _nest(raw: bytes, draw: random.Random) -> bytes:
    deep = b"[" * draw.choice((1, 3, 60_000)) + raw
    return draw.choice((deep, raw.replace(b"{", b'{"a":', 1), raw.replace(b":", b":[", 1), b'{"a":' * 5_000 + raw))


def _pack(raw: bytes, _: random.Random) -> bytes:
    return gzip.compress(raw, mtime=0)


def _headed(raw: bytes, _: random.Random) -> bytes:
    return raw.split(b"\n", 1)[0]


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(_cut, _flip, _repeat, _insert, _begin, _end_lines, _encode, _shuffle, _unquote, _nest, _pack, _headed),
)


def mutated(raw: bytes, draw: random.Random) -> bytes:
    """Return the bytes with one to three things wrong."""
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        raw = draw.choice(MUTATIONS)(raw, draw)
    return raw
