"""Faults on demand: which reply of which call is to go wrong, and how."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dataelec_assets.sample.portal.replies import invalid_parameter

# Of Opendatasoft; of data-fair; of plain files; of Open-Meteo.
KINDS = ("metadata", "records", "export", "v1", "lines", "values_agg", "raw", "head", "file", "forecast")

_FAULT = re.compile(
    r"status:(4\d\d|5\d\d)|status:429-quota|html_200|json_error_200|truncate|truncate_clean|hang:\d+(\.\d+)?|empty|reset|"
    r"one_digit|doubles|cached"
)


@dataclass(slots=True)
class FaultRule:
    """One rule.

    Attributes:
        fault: what goes wrong, see ``docs`` of ``FaultBook``.
        dataset: ``portal/id`` or ``id``, of plain files also the path of one; None is every data set.
        kind: one of ``KINDS``; None is every kind.
        times: how many calls it strikes; None is for ever.
        after: how many calls it lets pass first.
    """

    fault: str
    dataset: str | None = None
    kind: str | None = None
    times: int | None = 1
    after: int = 0

    def concerns(self, portal: str, names: Sequence[str], kind: str) -> bool:
        """Return whether the rule applies to this call."""
        if self.kind not in (None, kind):
            return False
        return self.dataset is None or any(self.dataset in (name, f"{portal}/{name}") for name in names)


class FaultBook:
    """The rules in force; the first that is due strikes.

    Faults: ``status:500`` (any 4xx or 5xx), ``status:429-quota`` (the quota's own body), ``html_200`` (a maintenance
    page), ``json_error_200``, ``truncate`` (the connection breaks within the body), ``truncate_clean`` (a shorter body
    that ends properly, whole lines missing), ``hang:SECONDS`` (then answers), ``empty`` (no row), ``reset`` (the
    connection breaks before the reply). Of lines of text also ``one_digit`` (the last figure differs by one unit),
    ``doubles`` (the second half of the rows is the first half once more), ``cached`` (the first reply under the rule is
    given for ever).
    """

    def __init__(self) -> None:
        self._rules: list[FaultRule] = []
        self._lock = threading.Lock()

    def replace(self, payload: Sequence[dict[str, Any]]) -> None:
        """Put the rules of ``payload`` in force instead of the former ones.

        Raises:
            PortalError: 400, a rule is wrong.
        """
        rules = []
        for item in payload:
            try:
                rule = FaultRule(**item)
            except TypeError as error:
                raise invalid_parameter("fault", json.dumps(item), str(error)) from error
            if not _FAULT.fullmatch(rule.fault):
                raise invalid_parameter("fault", rule.fault, _FAULT.pattern)
            if rule.kind not in (None, *KINDS):
                raise invalid_parameter("kind", str(rule.kind), f"one of {', '.join(KINDS)}")
            rules.append(rule)
        with self._lock:
            self._rules = rules

    def due(self, portal: str, names: Sequence[str], kind: str) -> str | None:
        """Return the fault that strikes this call, if any, and count it.

        Args:
            portal: that is asked.
            names: of the data sets that the call concerns; none for a call to the whole portal.
            kind: one of ``KINDS``.
        """
        with self._lock:
            for rule in self._rules:
                if not rule.concerns(portal, names, kind) or rule.times == 0:
                    continue
                if rule.after > 0:
                    rule.after -= 1
                    continue
                if rule.times is not None:
                    rule.times -= 1
                return rule.fault
        return None


def altered(body: bytes, fault: str) -> bytes:
    """Return lines of text with as many rows as before, of which some are wrong: ``one_digit`` or ``doubles``."""
    head, *rows = body.rstrip(b"\n").split(b"\n")
    if fault == "doubles":
        half = len(rows) // 2
        rows = [*rows[: len(rows) - half], *rows[:half]]
    else:
        figure = list(re.finditer(rb"(?<=[;,])-?\d+(?=(\.\d+)?([;,\r]|$))", rows[-1]))[-1]
        digit = rows[-1][figure.end() - 1]
        rows[-1] = (
            rows[-1][: figure.end() - 1]
            + (b"8" if digit == ord("9") else b"%c" % (digit + 1))
            + rows[-1][figure.end() :]
        )
    return b"\n".join([head, *rows, b""])


def shortened(body: bytes, media_type: str) -> bytes:
    """Return ``body`` without its last third, ended as a complete reply would be."""
    if "parquet" in media_type or "zip" in media_type or not body:
        return body[: len(body) * 2 // 3]
    lines = body.split(b"\n")
    if lines[0] == b"[":
        rows = lines[1:-1]
        kept = rows[: len(rows) * 2 // 3]
        return b"\n".join([b"[", *kept[:-1], *(row.rstrip(b",") for row in kept[-1:]), b"]"])
    if len(lines) > 1:
        return b"\n".join(lines[: max(1, len(lines) * 2 // 3)]) + b"\n"
    page = json.loads(body)
    if isinstance(page, list):
        return json.dumps(page[: len(page) * 2 // 3], ensure_ascii=False).encode()
    if "results" in page:
        page["results"] = page["results"][: len(page["results"]) * 2 // 3]
    return json.dumps(page, ensure_ascii=False).encode()
