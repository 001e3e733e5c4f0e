"""Brings Superset's own database up to date and imports the bundle: run by Superset's Python, not by ours.

``python prepare.py BUNDLE`` with the password in ``SUPERSET_PASSWORD``. One process for all steps: each command of
Superset by itself takes 15 s of a core to start.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from flask import Flask
from flask.cli import ScriptInfo
from superset.app import create_app
from superset.cli.main import superset

USER = "admin"


def main(bundle: Path) -> None:
    """Create or migrate the database, the roles and the account; import the bundle through the API of assets."""
    app = create_app()
    password = os.environ["SUPERSET_PASSWORD"]
    # An account that is there keeps its password: `create-admin` leaves it alone.
    account = ["--username", USER, "--firstname", "DataElec", "--lastname", "Administration"]
    account += ["--email", "admin@localhost", "--password", password]
    for command in (["db", "upgrade"], ["fab", "create-admin", *account], ["init"]):
        superset.main(command, standalone_mode=False, obj=ScriptInfo(create_app=lambda: app))
    _import(app, bundle, password)


def _import(app: Flask, bundle: Path, password: str) -> None:
    # The mark against forged requests belongs to browsers; this client lives in the process.
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    answer = client.post(
        "/api/v1/security/login", json={"username": USER, "password": password, "provider": "db", "refresh": False}
    )
    if answer.status_code != 200:  # noqa: PLR2004 - HTTP
        sys.exit(f"Superset refuses the account {USER} ({answer.status_code}): {answer.text}")
    with bundle.open("rb") as stream:
        answer = client.post(
            "/api/v1/assets/import/",
            headers={"Authorization": f"Bearer {answer.json['access_token']}"},
            data={"bundle": (stream, bundle.name)},
        )
    if answer.status_code != 200:  # noqa: PLR2004 - HTTP
        sys.exit(f"Superset refuses the bundle ({answer.status_code}): {answer.text}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
