"""Replies that go wrong on purpose."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from tests.stubs.replies import Reply, as_json, error, page

# Of Opendatasoft, and of DiDo; of data-fair; of plain files; of the weather.
KINDS = ("metadata", "records", "export", "lines", "values_agg", "head", "file", "forecast")

_FAULT = re.compile(
    r"status:(4\d\d|5\d\d)|status:429-quota|html_200|json_error_200|truncate|truncate_clean|hang:\d+(\.\d+)?|stall:\d+|"
    r"empty|reset|one_digit|doubles|cached"
)
_INTERNAL = {"error_code": "InternalServerError", "message": "internal error"}


@dataclass(slots=True)
class Fault:
    """Which replies go wrong, and how.

    ``status:500`` (any 4xx or 5xx), ``status:429-quota`` (the quota's own body), ``html_200`` (a maintenance page),
    ``json_error_200``, ``truncate`` (the connection breaks within the body), ``truncate_clean`` (a shorter body that
    ends properly, whole lines missing), ``hang:SECONDS`` (then answers), ``stall:SECONDS`` (within the body, then the
    connection breaks), ``empty`` (no row), ``reset`` (the connection breaks before the reply). Of lines of text also
    ``one_digit`` (the last figure differs by one unit), ``doubles`` (the second half of the rows is the first half once
    more), ``cached`` (the first reply under the fault, for ever).

    Attributes:
        name: see above.
        dataset: ``id`` or ``portal/id``, of plain files also ``portal/path``; None is every data set.
        kind: one of ``KINDS``; None is every kind.
        times: how many calls it strikes; None is for ever.
        after: how many calls it lets pass first.
    """

    name: str
    dataset: str | None
    kind: str | None
    times: int | None
    after: int

    def __post_init__(self) -> None:
        """Refuse a fault that would never strike."""
        if not _FAULT.fullmatch(self.name) or self.kind not in (None, *KINDS):
            raise ValueError(f"no fault {self.name!r} of {self.kind!r}")

    def strikes(self, names: set[str], kind: str) -> bool:
        """Return whether a call goes wrong, and count it."""
        if self.kind not in (None, kind) or (self.dataset is not None and self.dataset not in names):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.times is None:
            return True
        self.times -= 1
        return self.times >= 0


def replaced(fault: str, api: str, kind: str, quota: dict[str, object]) -> Reply | None:
    """Return what a fault puts in the place of the portal's own reply; None when it alters that one."""
    name, _, detail = fault.partition(":")
    replies = {
        "html_200": page("maintenance"),
        "json_error_200": as_json(_INTERNAL),
        "status:429-quota": error(api, 429, quota),
        "status:500": error(api, 500, _INTERNAL),
    }
    if fault in replies:
        return replies[fault]
    if name == "status":  # the gateway before the portal answers with a page
        return page(detail, int(detail))
    if name == "empty" and kind in ("metadata", "forecast"):
        return Reply(b"")
    return None


def altered(body: bytes, fault: str) -> bytes:
    """Return lines of text with as many rows as before, of which some are wrong: ``one_digit`` or ``doubles``."""
    head, *rows = body.rstrip(b"\n").split(b"\n")
    if fault == "doubles":
        half = len(rows) // 2
        rows = [*rows[: len(rows) - half], *rows[:half]]
    else:
        last = rows[-1]
        end = list(re.finditer(rb"(?<=[;,])-?\d+(?=(\.\d+)?([;,\r]|$))", last))[-1].end()
        digit = last[end - 1]
        rows[-1] = last[: end - 1] + (b"8" if digit == ord("9") else b"%c" % (digit + 1)) + last[end:]
    return b"\n".join([head, *rows, b""])


def shortened(reply: Reply) -> bytes:
    """Return a body without its last third, ended as a complete one would be."""
    body = reply.body
    if "zip" in reply.media_type or not body:
        return body[: len(body) * 2 // 3]
    lines = body.split(b"\n")
    if len(lines) > 1:
        return b"\n".join(lines[: max(1, len(lines) * 2 // 3)]) + b"\n"
    document = json.loads(body)
    if isinstance(document, list):
        return json.dumps(document[: len(document) * 2 // 3]).encode()
    if "results" in document:
        document["results"] = document["results"][: len(document["results"]) * 2 // 3]
    return json.dumps(document).encode()
