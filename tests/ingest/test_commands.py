"""What the commands say of stale sources is what a refresh then does; publications are rebuilt and compared."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from dataelec_assets.cli import app
from dataelec_assets.commands.status import source_status
from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.portals.partition_filters import where_of_span
from dataelec_assets.portals.progress import SilentProgress
from tests.faults.france import GAS, TEMPERATURE, SmallLake
from tests.ingest.conftest import LOADED, MONTHS, revise

Row = dict[str, Any]


def cli(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


def rows_of(result: Result) -> list[Row]:
    found: list[Row] = json.loads(result.stdout)
    return found


def status(ctx: SmallLake, source: str = GAS, *, at: datetime | None = None) -> Row:
    """Return what `dataelec status` says of a source, now or at another instant."""
    opened = ctx.ctx()
    rows, _ = source_status(replace(opened, now=lambda: at) if at else opened)
    return next(row for row in rows if row["dataset_id"] == source)


def test_a_dry_run_says_what_the_refresh_then_fetches_and_why(loaded: SmallLake) -> None:
    revise(loaded, "2018-04", 77)
    # A copy that somebody has deleted is rebuilt from raw.
    ctx = loaded.ctx()
    ctx.parquet.file(ctx.catalog[GAS], "2018-05").unlink()
    ctx.raw.pending(GAS).touch()
    kept = loaded.kept()
    options = ("--source", GAS, "--source", TEMPERATURE)

    said = cli("refresh", "--dry-run", "--json", *options)

    assert said.exit_code == 0, said.output
    assert loaded.kept() == kept
    reasons: dict[str, dict[str, str]] = {GAS: {}, TEMPERATURE: {}}
    for row in rows_of(said):
        reasons[row["dataset_id"]][row["partition"]] = row["reason"]
    assert reasons[TEMPERATURE] == dict.fromkeys(MONTHS[:3], "never fetched")
    expected = {month: "never fetched" for month in MONTHS if month not in LOADED}
    assert reasons[GAS] == {**expected, "2018-04": "revised", "2018-05": "not copied"}
    printed = cli("refresh", "--dry-run", *options).output
    assert "26 partition(s) of 2 data sets are stale; nothing was fetched." in printed

    done = cli("refresh", "--json", *options)

    assert done.exit_code == 0, done.output
    del reasons[GAS]["2018-05"]
    assert {row["dataset_id"]: row["reasons"] for row in json.loads(done.stdout)["sources"]} == reasons
    calls = [call for call in loaded.portal.calls if call.kind == "export"]
    # What is fresh in between is left as it is.
    assert sorted(call.parameters["where"] for call in calls) == sorted(
        where_of_span(ctx.catalog[name], min(months), max(months)) for name, months in reasons.items()
    )
    assert rows_of(cli("refresh", "--dry-run", "--json", *options)) == []


def test_a_dry_run_tells_which_portals_did_not_answer(bare: SmallLake) -> None:
    bare.portal.fail("status:403", dataset=GAS, kind="metadata")
    result = cli("refresh", "--dry-run", "--source", GAS, "--source", TEMPERATURE)
    assert result.exit_code == 4
    assert f"\n{GAS}: HTTP 403" in result.output
    assert "3 partition(s) of 2 data sets are stale, 1 could not be asked; nothing was fetched." in result.output


def test_status_tells_what_is_stale_and_why_without_asking_the_portal(loaded: SmallLake) -> None:
    row = status(loaded)
    assert (row["status"], row["stale"], row["reasons"]) == ("stale", 21, "21 never fetched")
    assert (row["partitions"], row["rows"], row["last_measured"]) == (3, 6, "2018-05-01")
    assert status(loaded, TEMPERATURE)["status"] == "never"
    # What the portal has meanwhile is not known before it is asked.
    revise(loaded, "2018-04", 77)
    assert status(loaded)["reasons"] == "21 never fetched"
    assert cli("refresh", "--dry-run", "--source", GAS).exit_code == 0
    calls = loaded.portal.counted()
    row = next(each for each in rows_of(cli("status", "--json")) if each["dataset_id"] == GAS)
    assert (row["stale"], row["reasons"]) == (22, "21 never fetched, 1 revised")
    assert loaded.portal.counted() == calls


@pytest.mark.parametrize(
    ("at", "verdict"),
    [(datetime(2018, 7, 4, tzinfo=UTC), "pass"), (datetime(2018, 7, 6, tzinfo=UTC), "warn"),
     (datetime(2018, 9, 9, tzinfo=UTC), "fail")],
)  # fmt: skip
def test_status_judges_the_age_of_the_newest_measure(loaded: SmallLake, at: datetime, verdict: str) -> None:
    row = status(loaded, at=at)
    assert row["age"] == verdict
    days = (at - datetime(2018, 5, 1, tzinfo=UTC)).days
    assert row["age_detail"] == f"newest measured value {days} d old, 65 d expected"
    assert status(loaded, TEMPERATURE, at=at)["age"] is None


def test_status_tells_a_failure_until_what_is_owed_has_arrived(loaded: SmallLake) -> None:
    loaded.portal.fail("status:403", kind="metadata", times=2)
    for failures in (1, 2):
        cli("refresh", "--dry-run", "--source", GAS)
        row = status(loaded)
        assert (row["status"], row["failures"]) == ("failed", failures)
        assert "HTTP 403" in row["message"]
        assert row["next_check"] > row["checked_at"]
    said = cli("status")
    assert said.exit_code == 0
    assert said.output.startswith(f"{GAS}: HTTP 403")
    ctx = loaded.ctx()
    assert refresh_source(ctx, ctx.catalog[GAS], SilentProgress()).error is None
    row = status(loaded)
    assert (row["status"], row["failures"], row["message"]) == ("fresh", 0, None)


def test_a_publication_is_built_again_by_its_lock_or_its_date_and_compared(loaded: SmallLake, tmp_path: Path) -> None:
    before = shutil.copyfile(loaded.paths.served_file, tmp_path / "before.duckdb")
    lock = (loaded.paths.serving / "sources.lock").resolve()
    revise(loaded, "2018-04", 77)
    assert cli("backfill", "--source", GAS, "--from", "2018-04", "--to", "2018-04", "--quiet").exit_code == 0
    ctx = loaded.ctx()
    old, new = ctx.raw.vintages(ctx.catalog[GAS], "2018-04")
    assert old.known_at < new.known_at

    moved = cli("diff", str(before), str(loaded.root), "--json")
    assert moved.exit_code == 5, moved.output
    told = {(row["table"], row["kind"], row["month"]): row for row in rows_of(moved)}
    assert told.keys() == {
        ("fct_stock_gaz", "values", "2018-04"),
        ("fct_revisions", "rows", "2018-04"),
    }
    assert told["fct_stock_gaz", "values", "2018-04"]["columns"] == "stock_gwh"

    again = cli("rebuild", "--lock", str(lock), "--to", str(tmp_path / "locked"))
    assert again.exit_code == 0, again.output
    same = cli("diff", str(before), str(tmp_path / "locked"))
    assert (same.exit_code, same.output.strip()) == (0, "The two publications hold the same.")

    then = cli("rebuild", "--as-of", old.known_at.isoformat(), "--to", str(tmp_path / "then"))
    assert then.exit_code == 0, then.output
    assert cli("diff", str(before), str(tmp_path / "then")).exit_code == 0
    assert cli("diff", str(loaded.root), str(tmp_path / "then")).exit_code == 5


def test_what_cannot_be_compared_or_rebuilt_is_one_sentence(bare: SmallLake, tmp_path: Path) -> None:
    for arguments, words, code in (
        (("diff", str(tmp_path / "a.duckdb"), str(tmp_path / "b.duckdb")), "a.duckdb' does not exist", 2),
        (("rebuild", "--to", str(tmp_path / "other")), "Give either --as-of or --lock", 2),
        (("rebuild", "--as-of", "2018-05-01"), "No vintage of this lake could be known", 1),
        (("rebuild", "--as-of", "2018-05-01", "--to", str(bare.root)), "is the lake itself", 2),
        (("rebuild", "--as-of", "2999-01-01"), "--as-of '2999-01-01' is to come", 2),
    ):
        result = cli(*arguments)
        assert result.exit_code == code
        assert words in result.stderr
        assert "Traceback" not in result.output
