"""Every connection sees instants in UTC, whatever the machine's time zone, and so do its cursors."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.database import Database, connect
from tests.conftest import REPOSITORY

_SHOW = """
import sys
from pathlib import Path
from dataelec_assets.database import connect

path = Path(sys.argv[1])
for connection in (connect(), connect(path), connect(path, time_zone="Europe/Paris")):
    for each in (connection, connection.cursor(), connection.cursor().cursor()):
        print(each.execute("SELECT current_setting('TimeZone')").fetchall()[0][0], end=" ")
    connection.close()
"""


@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", "America/New_York", "Asia/Tokyo"])
def test_connections_and_cursors_are_in_utc_on_every_machine(zone: str, tmp_path: Path) -> None:
    shown = subprocess.run(
        [sys.executable, "-c", _SHOW, str(tmp_path / "file.duckdb")],
        env={**os.environ, "TZ": zone},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.split() == ["UTC"] * 6 + ["Europe/Paris", "UTC", "UTC"]


def test_a_file_that_cannot_be_opened_is_an_error_of_duckdb(tmp_path: Path) -> None:
    with pytest.raises(duckdb.Error):
        connect(tmp_path / "absent.duckdb", read_only=True)


def test_what_does_not_fit_into_memory_goes_to_the_folder_that_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dataelec_assets.database.MEMORY_LIMIT", "40MB")
    folder = tmp_path / "new" / "spill"
    with connect(spill=folder) as connection:
        # 80 MB of numbers that nothing compresses.
        connection.execute("CREATE TEMP TABLE numbers AS SELECT hash(i) AS number FROM range(10_000_000) AS t (i)")
        assert sum(file.stat().st_size for file in folder.glob("*/*")) > 30_000_000
        assert connection.execute("SELECT count(*) FROM numbers").fetchall() == [(10_000_000,)]
    assert list(folder.glob("*")) == []


def test_no_other_module_may_open_duckdb(tmp_path: Path) -> None:
    for number, line in enumerate(("duckdb.connect()", "duckdb.sql('select 1')", "duckdb.execute('select 1')")):
        module = tmp_path / f"module_{number}.py"
        module.write_text(f"import duckdb\n\nfound = {line}\n", encoding="utf-8")
        arguments = ["check", "--config", str(REPOSITORY / "pyproject.toml"), "--select", "TID251", str(module)]
        found = subprocess.run([sys.executable, "-m", "ruff", *arguments], capture_output=True, text=True, check=False)
        assert "TID251" in found.stdout
    # `make check` runs the same rule on the package.
    rule = [sys.executable, "-m", "ruff", "check", "--select", "TID251", "dataelec_assets"]
    assert subprocess.run(rule, cwd=REPOSITORY, capture_output=True, check=False).returncode == 0


def test_tables_of_cursors_apart_do_not_meet_and_are_gone_afterwards() -> None:
    database = Database()
    with database.apart() as one, database.apart() as other:
        for cursor, value in ((one, 1), (other, 2)):
            cursor.execute(f"CREATE TABLE rows_of_one AS SELECT {value} AS value, current_setting('TimeZone') AS zone")
            cursor.execute("CREATE VIEW seen AS FROM rows_of_one")
        assert one.execute("FROM seen").fetchall() == [(1, "UTC")]
        assert other.execute("FROM seen").fetchall() == [(2, "UTC")]
    with pytest.raises(duckdb.Error, match="wrong"):
        _fail(database)
    assert database.cursor().execute("SELECT count(*) FROM duckdb_tables()").fetchall() == [(0,)]
    database.close()


def _fail(database: Database) -> None:
    with database.apart() as cursor:
        cursor.execute("CREATE TABLE left_over AS SELECT 1 AS value")
        cursor.execute("SELECT error('wrong')")


def test_work_apart_spills_to_the_folder_of_its_database_which_is_empty_once_that_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dataelec_assets.database.MEMORY_LIMIT", "40MB")
    database = Database(tmp_path)
    with database.apart() as cursor:
        cursor.execute("CREATE TABLE numbers AS SELECT hash(i) AS number FROM range(10_000_000) AS t (i)")
        assert sum(file.stat().st_size for file in tmp_path.glob("*/*")) > 30_000_000
    database.close()
    assert list(tmp_path.iterdir()) == []
