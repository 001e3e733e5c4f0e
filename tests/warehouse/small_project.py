"""A dbt project of three models that a test may edit."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import duckdb

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
