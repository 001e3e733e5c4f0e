"""How dbt is run, on a project of two models: what it keeps from one run to the next, how a table replaces another."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.warehouse import dbt, project

OURS = project.PROJECT_DIR

TABLE, VIEW = "{{ config(materialized='table') }}\n", "{{ config(materialized='view') }}\n"

FILES = {
    "dbt_project.yml": "name: petit\nversion: 1.0.0\nconfig-version: 2\nprofile: dataelec\n"
    "models: {petit: {+persist_docs: {relation: true, columns: true}}}\n",
    "models/premier.sql": TABLE + "select 1 as valeur",
    "models/premier.yml": "models: [{name: premier, description: Le $premier's, "
    "columns: [{name: valeur, description: Une valeur (MW).}]}]\n",
    "models/second.sql": VIEW + "select valeur + 1 as valeur from {{ ref('premier') }}",
    "models/troisieme.py": "import pandas\n\n\ndef model(dbt, session):\n    dbt.config(materialized='table')\n"
    "    return pandas.DataFrame({'valeur': [3]})\n",
    "tests/trouvee.sql": "select * from {{ ref('premier') }} where valeur > 0",
    "tests/trouvee.yml": "data_tests: [{name: trouvee, config: {severity: warn}}]\n",
}


class SmallProject:
    """A dbt project that a test may edit, and its lake."""

    def __init__(self, folder: Path, paths: LakePaths) -> None:
        self.folder, self.paths = folder, paths
        for name, text in FILES.items():
            self.write(name, text)
        shutil.copyfile(OURS / "profiles.yml", folder / "profiles.yml")
        for name in ("materialisations.sql", "schema.sql"):
            (folder / "macros").mkdir(exist_ok=True)
            shutil.copyfile(OURS / "macros" / name, folder / "macros" / name)

    def write(self, name: str, text: str) -> None:
        """Write one file of the project."""
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8")

    def build(self, *arguments: str) -> dict[str, tuple[str, int | None]]:
        """Build, and return the status and the findings of every node by its name."""
        results = dbt.run_dbt(self.paths, ["build", *arguments])
        return {each.unique_id.split(".")[2]: (each.status, each.failures) for each in results}

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Query the warehouse."""
        with duckdb.connect(str(self.paths.warehouse), read_only=True) as connection:
            return connection.execute(sql).fetchall()


@pytest.fixture
def small(tmp_path: Path, lake_paths: LakePaths, monkeypatch: pytest.MonkeyPatch) -> SmallProject:
    folder = tmp_path / "dbt"
    folder.mkdir()
    for module in (dbt, project):
        monkeypatch.setattr(module, "PROJECT_DIR", folder)
    return SmallProject(folder, lake_paths)


BUILT = {"premier": ("success", None), "second": ("success", None), "troisieme": ("success", None)}


def test_a_finding_that_is_listed_stays_so_when_the_sql_of_its_test_has_changed(small: SmallProject) -> None:
    assert small.build() == {**BUILT, "trouvee": ("warn", 1)}
    small.write("tests/trouvee.sql", "select * from {{ ref('premier') }} where valeur > -1")
    assert small.build() == {**BUILT, "trouvee": ("warn", 1)}


def test_the_same_project_is_not_parsed_again(small: SmallProject) -> None:
    small.build()
    parsed = small.paths.root / "dbt" / "partial_parse.msgpack"
    first = parsed.stat().st_mtime_ns
    small.build()
    assert parsed.stat().st_mtime_ns == first


def test_a_manifest_is_made_for_each_state_of_the_project_and_of_its_tests(small: SmallProject) -> None:
    first = dbt.ensure_manifest(small.paths)
    assert dbt.ensure_manifest(small.paths) == first
    small.write("tests/trouvee.sql", "select * from {{ ref('premier') }} where valeur > 10")
    second = dbt.ensure_manifest(small.paths)
    assert second != first
    assert not first.exists()
    test = json.loads(second.read_text(encoding="utf-8"))["nodes"]["test.petit.trouvee"]
    assert (test["config"]["severity"], "valeur > 10" in test["raw_code"]) == ("warn", True)


def test_a_model_that_fails_leaves_the_table_as_it_was(small: SmallProject) -> None:
    small.build()
    for name, fault in {
        "premier.sql": TABLE + "select error('panne') as valeur",
        "troisieme.py": FILES["models/troisieme.py"].replace("[3]", "1 / 0"),
    }.items():
        small.write(f"models/{name}", fault)
    broken = small.build()
    assert [broken[name][0] for name in ("premier", "second", "troisieme")] == ["error", "skipped", "error"]
    assert small.query("FROM premier UNION ALL FROM second UNION ALL FROM troisieme ORDER BY 1") == [(1,), (2,), (3,)]
    for name in ("premier.sql", "troisieme.py"):
        small.write(f"models/{name}", FILES[f"models/{name}"].replace("1 as", "7 as").replace("[3]", "[9]"))
    assert small.build() == {**BUILT, "trouvee": ("warn", 1)}
    assert small.query("FROM premier UNION ALL FROM second UNION ALL FROM troisieme ORDER BY 1") == [(7,), (8,), (9,)]


def test_a_view_takes_the_place_of_a_table_and_a_table_that_of_a_view(small: SmallProject) -> None:
    small.build()
    small.write("models/premier.sql", VIEW + "select 4 as valeur")
    small.write("models/second.sql", TABLE + "select valeur + 1 as valeur from {{ ref('premier') }}")
    assert small.build() == {**BUILT, "trouvee": ("warn", 1)}
    assert small.query("SELECT table_name, table_type FROM information_schema.tables ORDER BY ALL") == [
        ("premier", "VIEW"),
        ("second", "BASE TABLE"),
        ("troisieme", "BASE TABLE"),
    ]
    assert small.query("FROM second") == [(5,)]


def test_a_table_and_its_columns_carry_their_descriptions(small: SmallProject) -> None:
    small.build()
    assert small.query("SELECT comment FROM duckdb_tables() WHERE table_name = 'premier'") == [("Le $premier's",)]
    columns = "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'premier'"
    assert small.query(columns) == [("valeur", "Une valeur (MW).")]


def test_a_column_that_is_described_and_absent_stops_the_build(small: SmallProject) -> None:
    small.write("models/premier.yml", FILES["models/premier.yml"].replace("name: valeur", "name: absente"))
    assert small.build()["premier"][0] == "error"


def test_failures_of_a_test_can_be_stored(small: SmallProject) -> None:
    assert small.build("--store-failures")["trouvee"] == ("warn", 1)
    assert small.query("SELECT count(*) FROM information_schema.tables WHERE table_name = 'trouvee'") == [(1,)]
