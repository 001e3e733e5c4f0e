"""Superset for a lake: its folder, its account, its database brought up to date, and the command that serves it.

Superset has an environment of its own, since its dependencies contradict ours; only its Python is called from here.
"""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dataelec_assets.errors import DataElecError, LakeError
from dataelec_assets.export.superset.bundle import archive, files
from dataelec_assets.lake.paths import LakePaths

USER = "admin"

_HERE = Path(__file__).parent

# Bytes: 16 for what a person copies, 42 as Superset's documentation asks of the key of sessions.
_PASSWORD_BYTES, _KEY_BYTES = 16, 42


@dataclass(frozen=True, slots=True)
class Superset:
    """Superset on a lake.

    Attributes:
        python: of the environment in which it is installed.
        home: its folder in the lake, which only its owner may enter.
        served: the published file.
    """

    python: Path
    home: Path
    served: Path

    @property
    def password(self) -> str:
        """Of the account ``admin``: made once, kept in the folder."""
        return _kept(self.home / "password", _PASSWORD_BYTES)

    def environment(self) -> dict[str, str]:
        """Return the environment of its processes: ours, without what is meant for our Python."""
        _kept(self.home / "secret_key", _KEY_BYTES)
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHONPATH", "SUPERSET_"))}
        return {
            **kept,
            "SUPERSET_HOME": str(self.home),
            "SUPERSET_CONFIG_PATH": str(_HERE / "superset_config.py"),
            # Flask-Limiter and others warn of what does not concern one machine.
            "PYTHONWARNINGS": "ignore",
        }

    def prepare(self) -> None:
        """Bring its database up to date and import the bundle: what was imported before is replaced.

        Raises:
            DataElecError: Superset refuses; what it said is in ``prepare.log`` of the folder.
        """
        bundle = self.home / "dataelec.zip"
        bundle.write_bytes(archive(files(self.served)))
        log = self.home / "prepare.log"
        environment: Mapping[str, str] = {**self.environment(), "SUPERSET_PASSWORD": self.password}
        with log.open("w", encoding="utf-8") as stream:
            done = subprocess.run(  # noqa: S603 - our own arguments
                [self.python, _HERE / "prepare.py", bundle],
                env=environment,
                stdout=stream,
                stderr=subprocess.STDOUT,
                check=False,
            )
        if done.returncode:
            last = log.read_text(encoding="utf-8").strip().rpartition("\n")[2]
            raise DataElecError(
                f"Superset could not be prepared: {last}",
                advice=f"{log} has all that it said. If its database is damaged, delete {self.home} and run "
                "`make superset` again: dashboards of your own in it are lost, the lake is not touched.",
            )

    def command(self, host: str, port: int) -> list[str]:
        """Return the command that serves it, until interrupted: one process with eight threads."""
        return [
            *(str(self.python), "-m", "gunicorn", "--bind", f"{host}:{port}"),
            *("--workers", "1", "--worker-class", "gthread", "--threads", "8"),
            # Seconds: a chart over years of half-hours may take a while on a small machine.
            *("--timeout", "120", "--log-level", "warning", "superset.app:create_app()"),
        ]


def superset_of(paths: LakePaths, environment: Path) -> Superset:
    """Return Superset on a lake, with its folder.

    Args:
        paths: of the lake.
        environment: folder of the Python environment in which Superset is installed.

    Raises:
        LakeError: nothing is published.
        DataElecError: Superset is not installed there.
    """
    if not paths.served_file.exists():
        raise LakeError(
            f"Nothing is published in {paths.serving}.",
            advice="Run `dataelec refresh` first, or set DATAELEC_LAKE; `make demo` fills lake/demo/lake.",
        )
    python = environment.absolute() / "bin" / "python"
    if not python.exists():
        raise DataElecError(f"{environment} has no Python.", advice="Run `make superset`, which installs Superset.")
    paths.superset_home.mkdir(mode=0o700, exist_ok=True)
    return Superset(python, paths.superset_home, paths.served_file)


def _kept(path: Path, size: int) -> str:
    """Return the secret that a file holds, made at first; only its owner may read it."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="utf-8").strip()
    secret = secrets.token_urlsafe(size)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(secret + "\n")
    return secret
