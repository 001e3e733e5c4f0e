"""What Spark needs is checked before it starts, and an address where nobody answers is reported at once."""

from __future__ import annotations

import importlib.util
import shutil
import socket
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from dataelec_assets.errors import SettingsError, WarehouseError
from dataelec_assets.warehouse.spark_session import open_session, require

SOME: ModuleSpec | None = importlib.util.find_spec("json")


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every package be there."""
    monkeypatch.setattr("dataelec_assets.warehouse.spark_session.find_spec", lambda _: SOME)


@pytest.fixture
def closed() -> Iterator[str]:
    """Return a machine and a port at which nobody listens, and nobody can while the test lasts."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{held.getsockname()[1]}"


def java_in(folder: Path) -> None:
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "java").write_text("#!/bin/sh\n", encoding="utf-8")
    (folder / "bin" / "java").chmod(0o755)


@pytest.mark.parametrize("scheme", ["spark", "sc"])
def test_a_cluster_that_does_not_answer_is_told_at_once(
    scheme: str, closed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java_in(tmp_path / "java")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "java"))
    with pytest.raises(WarehouseError, match=f"Nobody answers at {scheme}://{closed}: .*[Rr]efused") as told:
        open_session(f"{scheme}://{closed}", tmp_path)
    assert told.value.advice.startswith("What is served is unchanged. Start Spark there, or unset DATAELEC_SPARK")


@pytest.mark.parametrize("masters", ["127.0.0.1,127.0.0.1:70770", "127.0.0.1:70770"])
def test_an_address_that_nobody_can_have_is_named(
    masters: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    java_in(tmp_path / "java")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "java"))
    with pytest.raises(WarehouseError, match=f"Nobody answers at spark://{masters}"):
        open_session(f"spark://{masters}", tmp_path)


def test_java_of_java_home_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "java"))
    with pytest.raises(SettingsError, match="no `java` on the PATH or in JAVA_HOME"):
        require("local[2]")
    java_in(tmp_path / "java")
    require("local[2]")
    monkeypatch.delenv("JAVA_HOME")
    with pytest.raises(SettingsError, match="needs Java 17"):
        require()


def test_who_asks_a_server_by_connect_needs_no_java_but_its_client(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    require("sc://host:15002")
    monkeypatch.setattr(
        "dataelec_assets.warehouse.spark_session.find_spec", lambda name: None if name == "grpc_status" else SOME
    )
    with pytest.raises(SettingsError, match="needed for --engine spark: grpcio-status"):
        require("sc://host:15002")
