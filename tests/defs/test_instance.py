"""Dagster's instance, and the way in which its code opens DuckDB."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import duckdb
import pytest
import yaml
from dagster._core.instance.config import dagster_instance_config

from dataelec_assets.database import MEMORY_LIMIT, connect
from dataelec_assets.defs.resources import DuckDB
from dataelec_assets.defs.runs import instance_settings, use_dagster_home
from dataelec_assets.packaged import DAGSTER_INSTANCE
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings


def test_a_home_and_a_bare_dagster_dev_have_the_same_settings_but_for_where_history_is() -> None:
    bare = yaml.safe_load(DAGSTER_INSTANCE.read_text(encoding="utf-8"))
    home = yaml.safe_load(instance_settings())
    assert bare.keys() - home.keys() == {"compute_logs", "local_artifact_storage"}
    assert (bare["storage"]["custom"].pop("config"), home["storage"]["custom"].pop("config")) == (
        {"base_dir": "lake/dagster"},
        {"base_dir": {"env": "DAGSTER_HOME"}},
    )
    assert {name: bare[name] for name in home} == home
    assert (home["telemetry"], home["nux"]) == ({"enabled": False}, {"enabled": False})
    assert home["retention"]["sensor"]["purge_after_days"]["skipped"] == 2


def test_dagster_takes_the_settings(tmp_path: Path) -> None:
    (tmp_path / "dagster.yaml").write_text(DAGSTER_INSTANCE.read_text(encoding="utf-8"), encoding="utf-8")
    config, _ = dagster_instance_config(str(tmp_path))
    assert config["run_monitoring"]["max_runtime_seconds"] == 6 * 3600


def test_a_home_without_settings_gets_them_and_keeps_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    ctx = RunContext(Settings(lake=tmp_path / "lake"))
    use_dagster_home(ctx)
    assert (home / "dagster.yaml").read_text(encoding="utf-8") == instance_settings()
    with dg.DagsterInstance.get() as instance:
        assert not instance.telemetry_enabled
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    use_dagster_home(ctx)
    assert (home / "dagster.yaml").read_text(encoding="utf-8") == "telemetry: {enabled: false}\n"


def test_the_resource_opens_a_file_as_the_rest_of_the_program_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    path = tmp_path / "small.duckdb"
    connect(path).close()
    with DuckDB(database=str(path)).get_connection() as connection:
        assert connection.execute("SELECT current_setting('TimeZone')").fetchone() == ("UTC",)
        assert connection.cursor().execute("SELECT current_setting('TimeZone')").fetchone() == ("UTC",)
        assert connection.execute("SELECT current_setting('memory_limit')").fetchone() == ("1.1 GiB",)
        with pytest.raises(duckdb.Error, match="read-only"):
            connection.execute("CREATE TABLE x (y INTEGER)")
    assert MEMORY_LIMIT == "1200MB"
    with DuckDB(database=str(path), read_only=False, time_zone="Europe/Paris").get_connection() as connection:
        assert connection.execute("SELECT current_setting('TimeZone')").fetchone() == ("Europe/Paris",)
