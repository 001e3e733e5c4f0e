"""The report is an asset of its own: made when it is behind what is served, checked, and shown in the UI."""

from __future__ import annotations

import shutil
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from dataelec_assets.defs.asset_keys import PUBLICATION, REPORT
from dataelec_assets.defs.build import build_definitions
from dataelec_assets.defs.report_assets import PAGES_CHECK, REPORT_JOB, report_behind
from dataelec_assets.lake.locks import refreshing
from dataelec_assets.run_context import RunContext
from dataelec_assets.serving.report import make_report
from dataelec_assets.settings import Settings
from tests.serving.served import write_served

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    """Return the definitions of one lake: dbt's project is parsed once."""
    return build_definitions(RunContext(Settings(lake=tmp_path_factory.mktemp("report") / "lake")))


@pytest.fixture
def ctx(definitions: dg.Definitions) -> RunContext:
    """Return the run context of the definitions, with nothing served."""
    found = (definitions.resources or {})["ctx"]
    assert isinstance(found, RunContext)
    shutil.rmtree(found.paths.serving, ignore_errors=True)
    return found


@pytest.fixture
def job(definitions: dg.Definitions) -> dg.JobDefinition:
    return definitions.resolve_job_def(REPORT_JOB)


def tick(ctx: RunContext) -> dg.RunRequest | dg.SkipReason:
    with dg.build_sensor_context(resources={"ctx": ctx}) as context:
        found = report_behind()(context)
    assert isinstance(found, dg.RunRequest | dg.SkipReason)
    return found


def test_the_report_comes_after_the_publication(definitions: dg.Definitions) -> None:
    spec = next(each for each in definitions.resolve_all_asset_specs() if each.key == REPORT)
    assert [dep.asset_key for dep in spec.deps] == [PUBLICATION]


def test_a_run_shows_what_it_made_and_says_so_when_all_is_there(ctx: RunContext, job: dg.JobDefinition) -> None:
    write_served(ctx.paths.served_file)
    with duckdb.connect(str(ctx.paths.served_file)) as connection:
        connection.execute("delete from dim_region where code_region <> '53'")  # one page instead of thirteen
    with dg.DagsterInstance.ephemeral() as instance:
        first = job.execute_in_process(instance=instance)
        second = job.execute_in_process(instance=instance)
    (event,) = first.asset_materializations_for_node("rapport")
    assert event.metadata["pages"].value == 11
    assert Path(str(event.metadata["page"].value)).exists()
    previews = [value for name, value in event.metadata.items() if name.startswith("apercu_")]
    assert len(previews) == 10
    assert all(str(each.value).startswith("![") and ";base64," in str(each.value) for each in previews)
    assert (event.tags or {})["dagster/data_version"].startswith("0123456789abcdef-")
    (again,) = second.asset_materializations_for_node("rapport")
    assert again.metadata["issue"].value == "vérifié, inchangé"
    assert "pages" not in again.metadata
    for result in (first, second):
        (check,) = result.get_asset_check_evaluations()
        assert (check.check_name, check.passed) == (PAGES_CHECK, True)


def test_a_page_that_reaches_out_fails_the_check(ctx: RunContext, job: dg.JobDefinition) -> None:
    write_served(ctx.paths.served_file, empty=True)
    with dg.DagsterInstance.ephemeral() as instance:
        assert job.execute_in_process(instance=instance).success
        page = ctx.paths.serving / "rapport" / "mix.html"
        page.write_text(page.read_text(encoding="utf-8").replace("</head>", '<script src="https://exemple.fr/a.js">'))
        (check,) = job.execute_in_process(instance=instance).get_asset_check_evaluations()
    assert not check.passed
    assert "https://exemple.fr/a.js" in str(check.metadata["mix.html"].value)


def test_a_run_without_a_publication_fails_with_what_to_do(ctx: RunContext, job: dg.JobDefinition) -> None:
    assert not ctx.paths.served_file.exists()
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(instance=instance, raise_on_error=False)
        messages = [str(each.message) + str(each.event_specific_data) for each in result.all_events]
    assert not result.success
    assert any("dataelec refresh" in each for each in messages)


def test_the_sensor_asks_for_pages_that_are_behind_with_the_key_of_what_is_wanted(ctx: RunContext) -> None:
    write_served(ctx.paths.served_file, empty=True)
    request = tick(ctx)
    assert isinstance(request, dg.RunRequest)
    assert (request.run_key or "").startswith("0123456789abcdef-")
    assert tick(ctx) == request, "the same key: Dagster starts one run"


def test_the_sensor_rests_when_the_pages_show_what_is_served(ctx: RunContext) -> None:
    write_served(ctx.paths.served_file, empty=True)
    make_report(ctx)
    assert isinstance(tick(ctx), dg.SkipReason)
    with duckdb.connect(str(ctx.paths.served_file)) as connection:
        connection.execute("update meta_publication set publication_id = 'fedcba9876543210'")
    assert isinstance(tick(ctx), dg.RunRequest)
    with refreshing(ctx.paths):
        assert isinstance(tick(ctx), dg.SkipReason), "a refresh is about to publish something newer"


def test_the_sensor_rests_when_nothing_is_served(ctx: RunContext) -> None:
    assert isinstance(tick(ctx), dg.SkipReason)
