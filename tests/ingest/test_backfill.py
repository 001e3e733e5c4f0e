"""A backfill fetches the range that it is asked for, in one run, and takes up where it stood."""

from __future__ import annotations

import json
from typing import Any

import dagster as dg
import pytest
from typer.testing import CliRunner, Result

from dataelec_assets.cli import app
from dataelec_assets.commands import backfill as commands
from dataelec_assets.commands import outcomes
from dataelec_assets.commands.backfill import run_backfill
from dataelec_assets.commands.outcomes import RefreshOutcome
from dataelec_assets.errors import LakeError, WrongUsage
from dataelec_assets.portals.partition_filters import where_of_span
from tests.faults.france import GAS, SmallLake
from tests.ingest.conftest import LOADED, MONTHS, FirstBackfill, exported


def backfill(ctx: SmallLake, first: str, last: str, *, force: bool = False) -> RefreshOutcome:
    return run_backfill(GAS, first, last, force=force, quiet=True, ctx=ctx.ctx())


def cli(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["backfill", "--source", GAS, "--quiet", *arguments])


def exports(ctx: SmallLake) -> list[str]:
    return sorted(exported(ctx.portal))


def where(*months: str) -> list[str]:
    following = dict(zip(MONTHS, (*MONTHS[1:], "2020-01"), strict=True))
    return sorted(f"date >= date'{month}-01' and date < date'{following[month]}-01'" for month in months)


def in_raw(ctx: SmallLake) -> list[str]:
    opened = ctx.ctx()
    return opened.raw.partitions(opened.catalog[GAS])


def vintages(ctx: SmallLake) -> int:
    return len(list(ctx.paths.manifests.rglob("*.json")))


def test_exactly_the_range_is_fetched_in_one_run_and_served(loaded: SmallLake, first_backfill: FirstBackfill) -> None:
    outcome = first_backfill.outcome
    assert outcome.exit_code == 0
    assert first_backfill.filters == [where_of_span(loaded.ctx().catalog[GAS], LOADED[0], LOADED[-1])]
    assert in_raw(loaded) == list(LOADED)
    assert outcome.sources[0]["reasons"] == dict.fromkeys(LOADED, "never fetched")
    assert outcome.lines[0] == (
        "3 partition(s) between 2018-03 and 2018-05 at the portal; 0 were in the lake already, 3 are now."
    )
    months = "SELECT DISTINCT strftime(date, '%Y-%m') FROM fct_stock_gaz ORDER BY 1"
    assert [month for (month,) in loaded.rows(months)] == list(LOADED)
    with dg.DagsterInstance.get() as instance:
        (run,) = instance.get_run_records()
        assert run.dagster_run.tags["dataelec/cause"] == f"dataelec backfill {GAS} 2018-03 2018-05"
        logs = instance.all_logs(run.dagster_run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
    made = [each.asset_materialization for each in logs if each.asset_materialization]
    assert sorted(str(each.partition) for each in made if each.asset_key.path[0] == "raw") == list(LOADED)


def test_what_the_lake_has_is_left_out_unless_one_insists(loaded: SmallLake) -> None:
    wider = backfill(loaded, "2018-02", "2018-05")
    assert wider.sources[0]["reasons"] == {"2018-02": "never fetched"}
    assert "3 were in the lake already, 4 are now" in wider.lines[0]
    again = backfill(loaded, "2018-02", "2018-05")
    assert (again.sources[0]["fetched"], again.build) == (0, None)
    assert exports(loaded) == where("2018-02")

    # Equal bytes make no new vintage.
    forced = backfill(loaded, "2018-04", "2018-05", force=True)
    assert forced.sources[0]["reasons"] == dict.fromkeys(("2018-04", "2018-05"), "asked for")
    assert exports(loaded) == where("2018-02", "2018-04", "2018-05")
    assert (forced.sources[0]["changed"], vintages(loaded)) == (0, 4)
    assert forced.publication == again.publication


@pytest.mark.usefixtures("by_the_month")
def test_an_interrupted_backfill_resumes_where_it_stopped(loaded: SmallLake) -> None:
    loaded.portal.fail("status:403", kind="export", after=3)
    half = cli("--from", "2018-01", "--to", "2018-10")
    assert half.exit_code == 4, half.output
    assert "HTTP 403" in half.stderr
    kept = in_raw(loaded)
    assert len(kept) == len(LOADED) + 3
    said = "10 partition(s) between 2018-01 and 2018-10 at the portal; 3 were in the lake already, 6 are now"
    assert said in half.output
    asked = len(exports(loaded))

    loaded.portal.heal()
    rest = cli("--from", "2018-01", "--to", "2018-10", "--json")
    assert rest.exit_code == 0, rest.output
    (row,) = json.loads(rest.stdout)["sources"]
    assert sorted(row["reasons"]) == [month for month in MONTHS[:10] if month not in kept]
    assert (len(exports(loaded)) - asked, in_raw(loaded)) == (4, list(MONTHS[:10]))


def test_partitions_that_are_missing_afterwards_are_an_error(
    loaded: SmallLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    genuine = outcomes.run_job

    def forgetful(*args: Any, partitions: dict[str, list[str]], **options: Any) -> Any:
        return genuine(*args, partitions={key: [] for key in partitions}, **options)

    monkeypatch.setattr(commands, "run_job", forgetful)
    with pytest.raises(LakeError, match=r"2 partition\(s\) are missing after the backfill, first 2018-01"):
        backfill(loaded, "2018-01", "2018-04")


def test_a_portal_that_does_not_answer_is_the_exit_code(bare: SmallLake) -> None:
    bare.portal.fail("status:403", kind="metadata")
    result = cli("--from", "2018-01", "--to", "2018-02")
    assert result.exit_code == 1
    assert "Nothing is served" in result.output
    assert f"{GAS}: HTTP 403" in result.stderr
    assert exports(bare) == []


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        ("2018-13", "2019-01", "'2018-13' is no month, such as 2019-03"),
        ("2018-01", "2019", "'2019' is no month, such as 2019-03"),
        ("2019-01", "2018-12", "2019-01 comes after 2018-12"),
    ],
)
def test_an_impossible_range_is_refused_before_the_portal_is_asked(
    bare: SmallLake, first: str, last: str, words: str
) -> None:
    result = cli("--from", first, "--to", last)
    assert result.exit_code == 2
    assert words in result.stderr
    assert bare.portal.counted() == {}


def test_an_unknown_source_is_named_with_the_nearest(bare: SmallLake) -> None:
    with pytest.raises(WrongUsage, match=f"Unknown data set gas.*{GAS}"):
        run_backfill("gas", "2018-01", "2018-02", ctx=bare.ctx())
