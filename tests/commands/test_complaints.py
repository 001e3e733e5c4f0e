"""Without network, what went wrong is a line for each portal; other faults are told with their data sets."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dataelec_assets.catalog import PORTALS, load_catalog
from dataelec_assets.cli import app
from dataelec_assets.commands.complaints import ADVICE, complaints, unreached
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings, load_settings

GAS, REAL_TIME, COMMUNES = "stock-quotidien-stockages-gaz", "eco2mix-national-tr", "indicateurs-odd-communes"


def refused(
    dataset_id: str, portal: str = "odre", cause: str = "[Errno 111] Connection refused", tries: int = 4
) -> str:
    url = PORTALS[portal].url
    return f"{dataset_id}: no connection to {url}: {cause} (after {tries} attempts) [{url}/x/{dataset_id}] Check it."


@pytest.fixture
def ctx(tmp_path: Path) -> RunContext:
    return RunContext(Settings(lake=tmp_path / "lake"))


def test_portals_that_cannot_be_reached_are_a_line_each_under_their_cause(ctx: RunContext) -> None:
    told = [
        (GAS, refused(GAS)),
        (COMMUNES, refused(COMMUNES, "insee")),
        (COMMUNES, f"new editions could not be looked for: {refused(COMMUNES, 'irve')}"),
        (REAL_TIME, refused(REAL_TIME, tries=3)),
    ]
    told.append((COMMUNES, f"another one stands in ({refused(COMMUNES, 'dido').partition(' [http')[0]}): less of it"))
    assert complaints(ctx, told) == [
        "No connection (Connection refused):",
        "  ODRÉ, odre.opendatasoft.com: 2 data sets",
        "  INSEE, www.insee.fr: 1 data set",
        "  data.gouv.fr, www.data.gouv.fr: 1 data set",
        "  DiDo (SDES), data.statistiques.developpement-durable.gouv.fr: 1 data set",
        ADVICE,
    ]


def test_a_time_out_and_another_address_are_said_too(tmp_path: Path) -> None:
    ctx = RunContext(Settings(lake=tmp_path, odre_url="http://127.0.0.1:9"))
    at_home = "no connection to http://127.0.0.1:9 within 10 s (after 4 attempts) [http://127.0.0.1:9/a?b=c: d] Check."
    assert unreached(at_home) == ("http://127.0.0.1:9", "no answer within 10 s")
    assert complaints(ctx, [(GAS, at_home)])[:2] == [
        "No connection (no answer within 10 s):",
        "  ODRÉ, 127.0.0.1:9: 1 data set",
    ]
    elsewhere = "no connection to https://mirror.example.org: it is away"
    assert complaints(ctx, [(GAS, elsewhere)])[1] == "  mirror.example.org: 1 data set"


def test_a_fault_that_data_sets_share_is_said_once_and_any_other_as_it_is(ctx: RunContext) -> None:
    def forbidden(dataset_id: str) -> str:
        return f"{dataset_id}: HTTP 403: no key [https://odre.opendatasoft.com/{dataset_id}] See `dataelec doctor`."

    alone = "the groups of the portal hold 2 rows, its metadata announce 3."
    ids = list(load_catalog())[:5]
    assert complaints(ctx, [(GAS, alone), *((each, forbidden(each)) for each in ids)]) == [
        f"{GAS}: {alone}",
        f"{', '.join(ids)}: HTTP 403: no key. See `dataelec doctor`.",
    ]
    assert complaints(ctx, [(GAS, forbidden(GAS))]) == [forbidden(GAS)]
    untrusted = refused(GAS, cause="[SSL: CERTIFICATE_VERIFY_FAILED] self-signed")
    assert complaints(ctx, [(GAS, untrusted)]) == [untrusted]  # with its own advice


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No portal answers, at ports of this machine where nobody listens, and nobody waits for it."""
    monkeypatch.setenv("DATAELEC_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("COLUMNS", "80")
    for number, portal in enumerate(each for each, info in PORTALS.items() if not info.is_local):
        monkeypatch.setenv(f"DATAELEC_{portal.upper()}_URL", f"http://127.0.0.1:{number + 1}")
    monkeypatch.setattr(RetryPolicy.__init__, "__defaults__", (2, 0.0, 0.0, 0.0))


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("command", [["refresh", "--dry-run"], ["refresh", "--quiet"], ["status"], ["doctor"]])
def test_offline_each_portal_has_one_line_in_eighty_columns(command: list[str], tmp_path: Path) -> None:
    if command == ["status"]:
        CliRunner().invoke(app, ["refresh", "--dry-run"])
    done = CliRunner().invoke(app, command)
    assert done.exit_code == {"--dry-run": 4}.get(command[-1], 1)
    lines = done.output.splitlines()
    assert max(len(line) for line in lines if str(tmp_path) not in line) <= 80  # a path is not broken
    told = re.findall(r"127\.0\.0\.1:\d+", "\n".join(lines))
    ctx = RunContext(load_settings())
    asked = {each.portal for each in ctx.catalog.values() if not ctx.is_off(each)}
    assert {*told} >= {ctx.settings.portal_url(each).removeprefix("http://") for each in asked}
    assert len(told) == len({*told})
    assert sum("Check the network" in line for line in lines) == 1
    assert len(lines) < 60  # not a paragraph for each data set


def test_what_a_folder_lacks_is_one_line_for_all_data_sets(ctx: RunContext) -> None:
    told = [
        (each, f"{each}: the folder holds no file of it [/data/x/{each}] Put its files there.")
        for each in (GAS, REAL_TIME)
    ]
    assert complaints(ctx, told) == [f"{GAS}, {REAL_TIME}: the folder holds no file of it. Put its files there."]
