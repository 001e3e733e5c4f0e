"""Commercial use leaves out what its terms exclude, unless a paid plan allows it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from dataelec_assets.catalog import PORTALS, Catalog, load_catalog
from dataelec_assets.commands.refresh import run_refresh
from dataelec_assets.commands.status import source_status
from dataelec_assets.errors import SettingsError
from dataelec_assets.ingest.observe import observe_sources
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.pipeline import Request, observe
from dataelec_assets.portals.connection import Connection
from dataelec_assets.portals.options import ConnectionOptions
from dataelec_assets.portals.signing import secrets_of
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Secret, Settings
from dataelec_assets.warehouse.meta_tables import source_rows

ARCHIVE = load_catalog()["archives-meteo-regions"]
FORECAST = load_catalog()["previsions-meteo-regions"]
HISTORY = load_catalog()["historique-previsions-meteo-regions"]
STATIONS = load_catalog()["observations-horaires-meteo-france"]
TEMPERATURE = load_catalog()["temperature-quotidienne-regionale"]


def context(lake: Path, **settings: object) -> RunContext:
    return RunContext(
        Settings(lake=lake, **settings),  # type: ignore[arg-type]
        Catalog([ARCHIVE, FORECAST, HISTORY]),
        now=lambda: datetime(2026, 11, 30, tzinfo=UTC),
    )


def test_sources_of_non_commercial_terms_are_not_asked_and_say_so(tmp_path: Path) -> None:
    ctx = context(tmp_path, commercial="1")
    reports = [each.report for each in observe_sources(ctx, ctx.catalog.values())]
    assert reports == [SourceReport(each, "non-commercial") for each in ctx.catalog]
    assert {row["status"] for row in source_status(ctx)[0]} == {"non-commercial"}
    assert {row[10] for row in source_rows(ctx)} == {"exclue d'un usage commercial"}
    outcome = run_refresh([ARCHIVE.id], ctx=ctx)
    assert any("the terms of Open-Meteo (archives) exclude commercial use" in line for line in outcome.lines)


@pytest.mark.parametrize("settings", [{}, {"commercial": "0"}, {"commercial": "1", "open_meteo_key": Secret("k")}])
def test_without_commercial_use_or_with_a_paid_plan_they_are_asked(tmp_path: Path, settings: dict[str, object]) -> None:
    ctx = context(tmp_path, **settings)
    assert [ctx.why_off(each) for each in ctx.catalog.values()] == [None, None, None]


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({}, "not asked for"),
        ({"commercial": "1"}, None),
        ({"commercial": "1", "open_meteo_key": Secret("k")}, "not asked for"),
        ({"meteo_france": "1"}, None),
        ({"commercial": "1", "open_meteo_key": Secret("k"), "meteo_france": "1"}, None),
    ],
)
def test_stations_are_asked_where_commercial_use_leaves_out_the_archive_or_on_request(
    tmp_path: Path, settings: dict[str, object], why: str | None
) -> None:
    assert context(tmp_path, **settings).why_off(STATIONS) == why


def test_a_folder_has_what_it_has_of_extra_sources(tmp_path: Path) -> None:
    for folder, why in ((tmp_path / "none", "not asked for"), (tmp_path / "some", None)):
        folder.mkdir()
        if why is None:
            (folder / "meteo_france").mkdir()
            (folder / "open_meteo_previous_runs").mkdir()
        ctx = context(tmp_path / "lake", folder=folder)
        assert [ctx.why_off(each) for each in (STATIONS, HISTORY, ARCHIVE)] == [why, why, None]
    assert context(tmp_path / "lake", folder=folder, commercial="1").why_off(HISTORY) == "non-commercial"


def test_a_source_that_was_not_asked_for_says_how_to_ask(tmp_path: Path) -> None:
    ctx = replace(context(tmp_path), catalog=Catalog([STATIONS]))
    (report,) = [each.report for each in observe_sources(ctx, ctx.catalog.values())]
    assert report == SourceReport(STATIONS.id, "not asked for")
    assert [row["status"] for row in source_status(ctx)[0]] == ["not asked for"]
    assert [row[10] for row in source_rows(ctx)] == ["non demandée"]
    outcome = run_refresh([STATIONS.id], ctx=ctx)
    assert any("set DATAELEC_METEO_FRANCE=1" in line for line in outcome.lines)


def test_terms_that_allow_it_bind_nothing(tmp_path: Path) -> None:
    assert context(tmp_path, commercial="1").why_off(TEMPERATURE) is None


def test_a_lake_that_holds_their_data_is_not_served_commercially(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ctx = context(tmp_path, commercial="1")
    monkeypatch.setattr("dataelec_assets.lake.parquet.ParquetLake.head", lambda _, each: each.id == ARCHIVE.id)
    for work in (
        lambda: observe_sources(ctx, []),
        lambda: observe(ctx, Request(observe=False)),
        lambda: observe(ctx, Request(from_scratch=True)),
    ):
        with pytest.raises(SettingsError, match="this lake holds archives-meteo-regions, whose terms exclude"):
            work()


def test_a_paid_plan_is_asked_at_its_own_host_with_its_key_and_without_the_limits_of_the_free_one(
    tmp_path: Path,
) -> None:
    settings = Settings(lake=tmp_path, open_meteo_key=Secret("cle secrete"))
    assert settings.portal_url("open_meteo") == "https://customer-api.open-meteo.com"
    assert settings.portal_url("open_meteo_archive") == "https://customer-archive-api.open-meteo.com"
    assert (
        Settings(lake=tmp_path, open_meteo_key=Secret("k"), open_meteo_url="http://a").portal_url("open_meteo")
        == "http://a"
    )
    assert Settings(lake=tmp_path).portal_url("open_meteo") == "https://api.open-meteo.com"
    assert Settings(lake=tmp_path, open_meteo_key=Secret("k")).portal_key("odre") is None

    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200)

    secrets = secrets_of(PORTALS["open_meteo"], settings.portal_key("open_meteo"))
    options = ConnectionOptions(secrets=secrets, transport=httpx.MockTransport(handler))
    connection = Connection(settings.portal_url("open_meteo"), options)
    connection.ask(f"{connection.base_url}/v1/forecast", {"a": "b"}, lambda _: None, dataset_id="x", silence=1)
    assert seen[0].url.params["apikey"] == "cle secrete"
    assert connection.scrubbed("cle+secrete") == "***"
    assert secrets_of(PORTALS["open_meteo"], None) == {}


def test_a_setting_that_is_neither_yes_nor_no_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"DATAELEC_COMMERCIAL: neither 1 nor 0 \(got 'maybe'\)"):
        Settings(lake=tmp_path, commercial="maybe")  # type: ignore[arg-type]
