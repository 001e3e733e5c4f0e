"""`dataelec status` says what is wrong first, and one line when nothing is."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dataelec_assets.catalog import Catalog, load_catalog
from dataelec_assets.cli import app
from dataelec_assets.commands import status as commands
from dataelec_assets.commands.layout import table
from dataelec_assets.commands.status import shown, source_status
from dataelec_assets.lake.partition_index import Head
from dataelec_assets.lake.state import SourceState, save_state
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse.publication import Publication, record_publication

GAS, CALENDAR = "stock-quotidien-stockages-gaz", "fr-en-calendrier-scolaire"
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
EMPTY = {"meta_quarantaine": 0}  # nothing is kept, so the file is not opened
ASKED = (NOW - timedelta(minutes=5)).isoformat()


class Lake:
    """A lake of two data sets, as its small files say."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        every = load_catalog()
        self.ctx = RunContext(Settings(lake=root), Catalog([every[GAS], every[CALENDAR]]), now=lambda: NOW)
        self._heads: dict[str, Head] = {}
        monkeypatch.setattr("dataelec_assets.lake.parquet.ParquetLake.head", lambda _, dataset: self._heads[dataset.id])
        for name in (GAS, CALENDAR):
            self.put(name)
        served = self.ctx.paths.served_file
        served.parent.mkdir()
        served.touch()
        publication = Publication(
            "abc", NOW - timedelta(hours=3), is_new=True, synthetic=True, path=served, tables=EMPTY
        )
        record_publication(self.ctx.paths, publication)

    def put(self, name: str, last: str = "2026-11-30", **state: Any) -> None:
        """Say what is known of a data set."""
        self._heads[name] = Head("contract", "digest", 3, 1_234_567, None, last)
        save_state(
            self.ctx.paths, self.ctx.catalog[name], SourceState(**{"status": "fresh", "checked_at": ASKED} | state)
        )

    @property
    def lines(self) -> list[str]:
        """What is said."""
        return source_status(self.ctx)[1]


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    return Lake(tmp_path / "lake", monkeypatch)


def test_one_line_says_that_all_is_well(lake: Lake) -> None:
    (line,) = lake.lines
    assert line == "All is well: 2 data sets asked 5 min ago, published 3 h ago (synthetic)."


def test_what_is_wrong_comes_first_and_what_is_served_last(lake: Lake) -> None:
    lake.put(GAS, last="2025-01-01")
    lake.put(CALENDAR, status="failed", message=f"{CALENDAR}: HTTP 403: no.", failures=1)
    failed, old, served = lake.lines
    assert failed == f"{CALENDAR}: HTTP 403: no."
    assert old == f"{GAS}: newest measured value 698 d old, 65 d expected."
    assert served.startswith(f"Served (synthetic data): {lake.ctx.paths.served_file}, publication ")


def test_a_late_source_is_told_after_one_that_is_too_late(lake: Lake) -> None:
    lake.put(GAS, last="2026-08-20")
    lake.put(CALENDAR, last="2020-01-01")
    assert [line.partition(":")[0] for line in lake.lines[:2]] == [CALENDAR, GAS]
    assert {row["dataset_id"]: row["age"] for row in source_status(lake.ctx)[0]} == {GAS: "warn", CALENDAR: "fail"}


def test_invented_data_have_no_age(lake: Lake) -> None:
    for name in (GAS, CALENDAR):
        lake.put(name, last="2020-01-01", synthetic=True)
    rows, lines = source_status(lake.ctx)
    assert [(row["age"], row["synthetic"]) for row in rows] == [(None, True)] * 2
    assert lines[0].startswith("All is well")
    assert [row["age"] for row in shown(lake.ctx, rows)] == ["synthetic"] * 2


def test_what_was_never_asked_is_one_line(lake: Lake) -> None:
    for name in (GAS, CALENDAR):
        (lake.ctx.paths.state / f"{name}.json").unlink()
    assert lake.lines[0] == f"Never asked: {CALENDAR}, {GAS}."


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_the_table_shows_ages_as_people_say_them_and_cuts_no_id(lake: Lake, columns: int) -> None:
    lake.put(GAS, last="2026-11-29T23:45:00+00:00")
    rows = shown(lake.ctx, source_status(lake.ctx)[0])
    cells = [["" if row[name] is None else str(row[name]) for name in commands.COLUMNS] for row in rows]
    lines = list(table(list(commands.COLUMNS.values()), cells, columns))
    printed = " ".join(" ".join(lines).replace(",", " ").split())
    assert max(map(len, lines)) <= columns
    for words in (GAS, CALENDAR, "5 min ago", "12 h", "2026-11-29"):
        assert words in printed
    assert not re.search(r"\d\d:\d\d", printed)  # neither seconds nor parts of them


def test_a_folder_that_is_not_there_is_one_sentence_and_is_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATAELEC_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("COLUMNS", "200")
    words = f"There is no lake in {tmp_path / 'lake'}: run `dataelec refresh`, or set DATAELEC_LAKE.\n"
    for arguments, said in (
        (["status"], words),
        (["report"], "There is no lake in"),
        (["rebuild"], "There is no lake in"),
        (["accept", GAS, "2026-01"], "There is no lake in"),
    ):
        done = CliRunner().invoke(app, arguments)
        assert done.exit_code == 1
        assert said in done.output
        assert len(done.output.splitlines()) == 1
    assert CliRunner().invoke(app, ["status", "--json"]).exit_code == 1
    assert list(tmp_path.iterdir()) == []


def test_the_command_shows_the_table_only_when_asked_for(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAELEC_LAKE", str(lake.ctx.paths.root))
    monkeypatch.setattr("dataelec_assets.run_context.RunContext", lambda _: replace(lake.ctx))
    brief, every = CliRunner().invoke(app, ["status"]), CliRunner().invoke(app, ["status", "--all"])
    assert (brief.exit_code, every.exit_code) == (0, 0)
    assert len(brief.stdout.splitlines()) == 1
    assert {GAS, CALENDAR} <= {*every.stdout.split()}
    rows = json.loads(CliRunner().invoke(app, ["status", "--json"]).stdout)
    assert [row["dataset_id"] for row in rows] == [CALENDAR, GAS]
