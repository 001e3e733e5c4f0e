"""``make superset``: Superset on the publication, with its dashboards, until interrupted.

``python -m dataelec_assets.commands.superset ENVIRONMENT [--host HOST] [--port PORT]``. It is not a command of
``dataelec``: it needs a checkout, whose Makefile installs Superset in an environment of its own.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from dataelec_assets.errors import DataElecError
from dataelec_assets.export.superset.server import USER, superset_of
from dataelec_assets.run_context import paths_of
from dataelec_assets.serving.ports import listening
from dataelec_assets.settings import load_settings


def main(arguments: Sequence[str]) -> int:
    """Prepare Superset, print its address and password, and serve it.

    Returns:
        The exit code of the server; 0 after Ctrl-C.

    Raises:
        DataElecError: the environment cannot be used, nothing is published, the port cannot be had, or Superset
            refuses.
    """
    parser = argparse.ArgumentParser(prog="make superset", description="Superset on the publication.")
    parser.add_argument("environment", type=Path, help="Folder of the environment in which Superset is installed.")
    parser.add_argument("--host", default="127.0.0.1", help="Address to listen on.")
    parser.add_argument("--port", type=int, default=8088, help="Port to listen on.")
    given = parser.parse_args(arguments)
    paths = paths_of(load_settings())
    from dataelec_assets.lake.served_copy import bring_served

    bring_served(paths)
    superset = superset_of(paths, given.environment)
    for each in listening(given.host, given.port):  # refused now, rather than after a minute of preparation
        each.close()
    _say(f"Preparing Superset in {superset.home} (a minute, the first time) …")
    superset.prepare()
    _say(f"http://{given.host}:{given.port}/dashboard/list/  user: {USER}  password: {superset.password}")
    _say(f"Reads {superset.served}, and each new publication as it comes. Stop it with Ctrl-C.")
    with suppress(KeyboardInterrupt):  # the normal end: the server has the signal too
        return subprocess.run(  # noqa: S603 - our own arguments
            superset.command(given.host, given.port), env=superset.environment(), check=False
        ).returncode
    return 0


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - the answer of a program


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except DataElecError as error:
        sys.exit(str(error))
