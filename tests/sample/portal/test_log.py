"""The portal tells the last calls with their parameters, so that a test can see what was asked for."""

from __future__ import annotations

import pytest

from dataelec_assets.sample.portal import RunningPortal
from tests.sample.portal.conftest import getter


def test_calls_are_told_in_their_order_with_their_parameters(own_portal: RunningPortal) -> None:
    get = getter(own_portal)
    get("/mesures")
    get("/mesures/exports/csv", where="rang < 3 and nom = 'nom 1'", delimiter=";")
    get("/absent/records", limit="0", where="")
    assert own_portal.control("log") == {
        "calls": [
            {"dataset": "odre/mesures", "kind": "metadata", "parameters": {}},
            {
                "dataset": "odre/mesures",
                "kind": "export",
                "parameters": {"where": "rang < 3 and nom = 'nom 1'", "delimiter": ";"},
            },
            {"dataset": "odre/absent", "kind": "records", "parameters": {"limit": "0", "where": ""}},
        ]
    }


def test_the_log_of_a_portal_that_runs_for_long_does_not_grow(
    own_portal: RunningPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert own_portal.app.gate.log.maxlen
    get = getter(own_portal)
    monkeypatch.setattr(own_portal.app.gate, "log", type(own_portal.app.gate.log)(maxlen=2))
    for dataset_id in ("a", "b", "c"):
        get(f"/{dataset_id}")
    assert [call["dataset"] for call in own_portal.control("log")["calls"]] == ["odre/b", "odre/c"]
