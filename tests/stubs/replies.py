"""What a stub answers, before faults and the wire."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

JSON = "application/json; charset=utf-8"
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply.

    Attributes:
        body: the whole body, plain.
        media_type: announced.
        status: of HTTP.
        headers: further ones.
        is_streamed: sent in chunks, without length, gzipped when the client accepts that.
    """

    body: bytes
    media_type: str = JSON
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    is_streamed: bool = False


class Refused(Exception):
    """The portal refuses a request.

    Args:
        status: of HTTP.
        reason: in the portal's words.
        code: its name for the error, where it has one.
    """

    def __init__(self, status: int, reason: str, code: str = "InvalidRESTParameterError") -> None:
        super().__init__(reason)
        self.status, self.reason, self.code = status, reason, code


def as_json(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """Return a JSON reply."""
    return Reply(json.dumps(document, ensure_ascii=False).encode(), JSON, status, headers or {})


def error(api: str, status: int, document: Mapping[str, Any]) -> Reply:
    """Return an error as the API writes it: data-fair in plain text, the others as an object."""
    if api == "data-fair":
        text = str(document.get("message") or document.get("error"))
        return Reply(text.encode(), "text/plain; charset=utf-8", status)
    return as_json(document, status)


def refusal(api: str, refused: Refused) -> Reply:
    """Return a refusal in the shape of the API's errors."""
    if api.startswith("open-meteo"):
        return as_json({"error": True, "reason": refused.reason}, refused.status)
    if api == "openweathermap":
        return as_json({"cod": refused.status, "message": refused.reason}, refused.status)
    return error(api, refused.status, {"error_code": refused.code, "message": refused.reason})


def page(title: str, status: int = 200) -> Reply:
    """Return a page of the gateway before the portal."""
    body = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    return Reply(body.encode(), "text/html; charset=utf-8", status)


def part_of(reply: Reply, span: str) -> Reply:
    """Return the part of a reply that a ``Range`` asks for; all of it without one."""
    found = re.fullmatch(r"bytes=(\d+)-(\d+)", span)
    if found is None or reply.status != HTTPStatus.OK:
        return reply
    first, last = int(found[1]), min(int(found[2]), len(reply.body) - 1)
    headers = {**reply.headers, "Content-Range": f"bytes {first}-{last}/{len(reply.body)}"}
    return replace(reply, body=reply.body[first : last + 1], status=HTTPStatus.PARTIAL_CONTENT, headers=headers)


def in_chunks(body: bytes) -> Iterator[bytes]:
    """Yield the pieces of a body whose length is not announced, as they go over the wire."""
    for start in range(0, len(body), _CHUNK):
        piece = body[start : start + _CHUNK]
        yield b"%x\r\n%b\r\n" % (len(piece), piece)
