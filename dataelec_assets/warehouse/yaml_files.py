"""Reads the YAML of the dbt project; a mistake is reported by file and line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from dataelec_assets.errors import WarehouseError
from dataelec_assets.warehouse import project

# libyaml reads the project in a tenth of the time; PyYAML may have been built without it.
_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Path) -> Any:
    """Return the content of a YAML file.

    Raises:
        WarehouseError: it cannot be parsed; the message names the file and the line.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _LOADER)  # noqa: S506 - both are safe loaders
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark is not None else ""
        name = path.relative_to(project.PROJECT_DIR.parent) if path.is_relative_to(project.PROJECT_DIR) else path
        raise WarehouseError(
            f"{name}{line}: {error.problem}.",
            advice="Quote a text that holds a colon and a space, or fold it (`description: >-`).",
        ) from error


def check_yaml() -> None:
    """Read every YAML file of the dbt project: dbt itself reports a mistake far from where it is.

    Raises:
        WarehouseError: one cannot be parsed; the message names the file and the line.
    """
    for path in sorted(project.PROJECT_DIR.rglob("*.yml")):
        if "target" not in path.relative_to(project.PROJECT_DIR).parts:
            read_yaml(path)
