"""HEAD on every address, and no gzip around what is asked for by ranges."""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# In a scope: the client wants a file of which it may ask for parts; its method.
WANTS_FILE = "dataelec.wants_file"


# Eighteen digits are more bytes than there are.
_RANGE = re.compile(r"(?=.*[0-9])([0-9]{0,18})-([0-9]{0,18})")


class HeadAndRanges:
    """Answers HEAD as GET without its body, and marks requests that need the size of a file.

    Ranges are those of the bytes that are sent, so such a request gets them as they are, without gzip.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        method = scope["method"]
        headers = [each for each in scope["headers"] if each[0] != b"range" or _is_readable(each[1])]
        if method == "HEAD" or any(name == b"range" for name, _ in headers):
            headers = [each for each in headers if each[0] != b"accept-encoding"]
            scope = {**scope, "method": "GET", WANTS_FILE: method}
        scope = {**scope, "headers": headers}

        async def without_body(message: Message) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        await self.app(scope, receive, without_body if method == "HEAD" else send)


def _is_readable(value: bytes) -> bool:
    """Return whether a Range header is one; others are ignored, as RFC 9110 (14.2) has it."""
    unit, _, ranges = value.decode("latin-1").partition("=")
    found = [_RANGE.fullmatch(each.strip()) for each in ranges.split(",")]
    return unit.strip().lower() == "bytes" and all(
        each is not None and (not each[1] or not each[2] or int(each[1]) <= int(each[2])) for each in found
    )
