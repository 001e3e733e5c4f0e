"""What an officer of a territorial authority wishes, on a small France."""

from __future__ import annotations

from pathlib import Path

from dataelec_assets.serving.api.app import Options, create_app
from tests.serving.api.office import FRANCE
from tests.serving.api.served import make_served, running
from tests.serving.api.wishes import ask_all


def test_every_wish_of_an_officer_is_fulfilled(tmp_path: Path) -> None:
    served = make_served(tmp_path / "dataelec.duckdb", extra=FRANCE)
    with running(create_app(served, Options(rate=0, log=False))) as client:
        ask_all(client, "conso_hab")
