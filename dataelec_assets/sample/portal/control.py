"""Control calls, for whoever runs the portal: replay vintages, revise data, break replies. Loopback only."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from dataelec_assets.errors import SettingsError
from dataelec_assets.sample.portal.edits import column_edit, row_edit
from dataelec_assets.sample.portal.explore import Settings
from dataelec_assets.sample.portal.gate import Gate
from dataelec_assets.sample.portal.quota import Quota
from dataelec_assets.sample.portal.replies import PortalError, invalid_parameter, unknown_dataset
from dataelec_assets.sample.portal.shapes import reply
from dataelec_assets.sample.portal.store import Store, iso
from dataelec_assets.sample.portal.vintage_option import parse_vintage

Handler = Callable[[Any], dict[str, Any]]

_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Control:
    """The calls below ``/_control``.

    - ``GET /_control``: instant shown, stamps of every data set, calls received.
    - ``GET log``: the last calls received, oldest first, with their parameters.
    - ``POST vintage`` ``{"stamp": "2026-03-29T02:03Z"}``, ``{"stamp": null}`` (the newest) or ``{"step": 1}``.
    - ``POST touch`` ``{"dataset"}``: the version moves, nothing else does; of plain files, also of one ``edition``.
    - ``POST rows`` ``{"dataset", "where"}`` with ``"set": {column: value}``, ``"delete": true`` or ``"copies": n``.
    - ``POST file`` ``{"dataset", "edition", "content": text}`` or ``{"dataset", "edition", "delete": true}``.
    - ``POST columns`` ``{"dataset", "drop" | "rename" | "retype" | "add": …}``.
    - ``POST faults`` ``[{"fault", "dataset", "kind", "times", "after"}]``: replaces the rules in force.
    - ``POST quota`` ``{"portal", "limit", "unit", "code", "headers", "reset_time"}``: starts counting anew.
    - ``POST private`` ``{"dataset", "key"}``; a null key makes the data set public again.
    - ``POST settings`` ``{"grouped_window", "parquet_datetime", "exports_sorted"}``.
    """

    def __init__(self, store: Store, gate: Gate, settings: Settings) -> None:
        self.store = store
        self.gate = gate
        self.settings = settings

    @property
    def routes(self) -> list[BaseRoute]:
        """The routes."""
        handlers: dict[str, Handler] = {
            "vintage": self.vintage,
            "touch": self.touch,
            "rows": self.rows,
            "file": self.file,
            "columns": self.columns,
            "faults": self.faults,
            "quota": self.quota,
            "private": self.private,
            "settings": self.change_settings,
        }
        posts = [Route(f"/_control/{name}", _posting(handler), methods=["POST"]) for name, handler in handlers.items()]
        return [Route("/_control", self.state), Route("/_control/log", self.log), *posts]

    def state(self, request: HttpRequest) -> Response:
        """Tell what is shown and what was asked."""
        _require_loopback(request)
        return reply(self._state())

    def _state(self) -> dict[str, Any]:
        calls: dict[str, dict[str, int]] = {}
        for (dataset, kind), count in sorted(self.gate.calls.items()):
            calls.setdefault(dataset, {})[kind] = count
        return {
            "current": iso(self.store.at) if self.store.at else None,
            "stamps": [iso(stamp) for stamp in self.store.stamps],
            "datasets": {
                name: [iso(stamp) for stamp in stamps] for name, stamps in self.store.stamps_by_dataset.items()
            },
            "calls": calls,
            "synthetic": self.store.synthetic,
        }

    def log(self, request: HttpRequest) -> Response:
        """Tell the last calls."""
        _require_loopback(request)
        calls = [
            {"dataset": dataset, "kind": kind, "parameters": dict(parse_qsl(query, keep_blank_values=True))}
            for dataset, kind, query in list(self.gate.log)
        ]
        return reply({"calls": calls})

    def vintage(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Show another instant."""
        if "step" in payload:
            self.store.step(int(payload["step"]))
        else:
            stamp = payload.get("stamp")
            try:
                self.store.show_at(parse_vintage(stamp) if stamp else None)
            except SettingsError as error:
                raise invalid_parameter("stamp", str(stamp), error.advice) from error
        return {"current": iso(self.store.at) if self.store.at else None}

    def touch(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Move the version of one data set, or the time of one file."""
        found = self.store.site_of(payload["dataset"])
        if found is not None:
            site, files = found
            return {"editions": site.touch(files, payload.get("edition"))}
        dataset = self.store.find(payload["dataset"])
        dataset.touch()
        return {"data_processed": iso(dataset.current().processed_at)}

    def rows(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Change or delete rows."""
        counts: list[int] = []
        state = self.store.find(payload["dataset"]).edit(row_edit(payload, counts.append))
        return {
            "rows": counts[0],
            "records_count": state.count,
            "data_processed": iso(state.processed_at),
        }

    def file(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Replace or remove one edition of plain files."""
        found = self.store.site_of(payload["dataset"])
        if found is None:
            raise unknown_dataset(payload["dataset"])
        content = payload.get("content")
        if (content is None) != bool(payload.get("delete")):
            raise invalid_parameter("file", str(payload), "either content or delete")
        site, dataset = found
        site.replace(dataset, payload["edition"], content)
        return {"edition": payload["edition"]}

    def columns(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Change the schema."""
        state = self.store.find(payload["dataset"]).edit(column_edit(payload))
        return {"fields": {field.name: field.type for field in state.fields}}

    def faults(self, payload: list[dict[str, Any]]) -> dict[str, Any]:
        """Replace the fault rules."""
        self.gate.faults.replace(payload)
        return {"rules": len(payload)}

    def quota(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Give one portal, or all, a new quota."""
        settings = dict(payload)
        portal = settings.pop("portal", None)
        names = [portal] if portal else self.store.names
        for name in names:
            self.gate.quotas[name] = Quota(**settings)
        return {"portals": names}

    def private(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Ask for a key, or no longer."""
        dataset = self.store.find(payload["dataset"])
        dataset.private_key = payload.get("key")
        return {"private": dataset.private_key is not None}

    def change_settings(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Change what differs between portals."""
        for name, value in payload.items():
            if name not in asdict(self.settings):
                raise invalid_parameter("settings", name, f"one of {', '.join(asdict(self.settings))}")
            setattr(self.settings, name, value)
        return asdict(self.settings)


def _require_loopback(request: HttpRequest) -> None:
    if request.client is None or request.client.host not in _LOOPBACK:
        raise PortalError(403, {"error_code": "Forbidden", "message": "Control calls are for this machine only."})


def _posting(handler: Handler) -> Callable[[HttpRequest], Any]:
    """Return the endpoint of ``handler``, which may take a while: it runs in a thread."""

    async def endpoint(request: HttpRequest) -> Response:
        _require_loopback(request)
        body = await request.body()
        try:
            return reply(await run_in_threadpool(handler, json.loads(body or b"{}")))
        except (ValueError, KeyError, TypeError) as error:
            raise invalid_parameter(
                "control", body.decode("utf-8", "replace"), f"another payload ({error!r})"
            ) from error

    return endpoint
