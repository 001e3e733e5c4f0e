"""The folder of Superset in a lake, its secrets, and what is said when it cannot start."""

from __future__ import annotations

import socket
import stat
import sys
from pathlib import Path

import pytest

from dataelec_assets.commands.superset import main
from dataelec_assets.errors import CannotListen, DataElecError, LakeError
from dataelec_assets.export.superset.server import Superset, superset_of
from dataelec_assets.lake.paths import LakePaths


@pytest.fixture
def published(lake_paths: LakePaths) -> LakePaths:
    """Return a lake with a served file, which nobody opens here."""
    lake_paths.serving.mkdir(parents=True)
    lake_paths.served_file.touch()
    return lake_paths


def environment(folder: Path, script: str) -> Path:
    """Return an environment whose Python is a script of the shell."""
    python = folder / "environment" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    python.chmod(0o755)
    return python.parents[1]


def test_without_a_publication_there_is_nothing_to_show(lake_paths: LakePaths, tmp_path: Path) -> None:
    with pytest.raises(LakeError, match=r"Nothing is published in .* Run `dataelec refresh` first"):
        superset_of(lake_paths, tmp_path)
    assert not lake_paths.root.exists()


def test_without_an_environment_the_way_to_it_is_told(published: LakePaths, tmp_path: Path) -> None:
    with pytest.raises(DataElecError, match=r"nowhere has no Python. Run `make superset`"):
        superset_of(published, tmp_path / "nowhere")


def test_the_password_is_made_once_and_only_its_owner_reads_it(published: LakePaths, tmp_path: Path) -> None:
    here = environment(tmp_path, "exit 0")
    first, again = superset_of(published, here), superset_of(published, here)
    assert first.password == again.password
    assert len(first.password) > 20
    first.environment()
    for name in ("password", "secret_key"):
        assert stat.S_IMODE((first.home / name).stat().st_mode) == 0o600
    assert stat.S_IMODE(first.home.stat().st_mode) == 0o700
    other = LakePaths(tmp_path / "other")
    other.serving.mkdir(parents=True)
    other.served_file.touch()
    assert superset_of(other, here).password != first.password


def test_its_processes_see_none_of_our_python(
    published: LakePaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "ours")
    monkeypatch.setenv("SUPERSET_SECRET_KEY", "somebody's")
    found = Superset(Path(sys.executable), tmp_path, published.served_file).environment()
    assert "PYTHONPATH" not in found
    assert "SUPERSET_SECRET_KEY" not in found
    assert Path(found["SUPERSET_CONFIG_PATH"]).is_file()


def test_what_superset_complains_of_is_told_in_one_sentence(published: LakePaths, tmp_path: Path) -> None:
    superset = superset_of(published, environment(tmp_path, "echo first; echo 'no such revision' >&2; exit 1"))
    with pytest.raises(DataElecError, match=r"could not be prepared: no such revision.*prepare.log has all") as raised:
        superset.prepare()
    assert "the lake is not touched" in str(raised.value)
    assert (superset.home / "prepare.log").read_text(encoding="utf-8") == "first\nno such revision\n"


def test_address_and_password_are_printed_before_it_serves(
    published: LakePaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATAELEC_LAKE", str(published.root))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    here = environment(tmp_path, 'echo "$@"')
    assert main([str(here), "--port", str(port)]) == 0
    password = superset_of(published, here).password
    lines = capfd.readouterr().out.splitlines()
    assert f"http://127.0.0.1:{port}/dashboard/list/  user: admin  password: {password}" in lines
    assert lines[-1].startswith(f"-m gunicorn --bind 127.0.0.1:{port} ")


def test_a_busy_port_is_told_before_the_minute_of_preparation(
    published: LakePaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATAELEC_LAKE", str(published.root))
    here = environment(tmp_path, "exit 1")
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(CannotListen, match="is in use"):
        main([str(here), "--port", str(taken.getsockname()[1])])
