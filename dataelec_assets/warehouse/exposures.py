"""Writes dbt's exposures: which tables the report, the API and the users of the file read."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

HEADER = "# Generated from the queries of the report and the API by `make generate`: do not edit.\n"

# A table in a query. A brace after the name is a name that Python completes: every table that begins so.
_TABLE = re.compile(r"\b((?:dim|fct|mart|meta|pont)_\w*)(\{)?")


@dataclass(frozen=True, slots=True)
class Exposure:
    """Somebody who reads served tables.

    Attributes:
        name, label, type, description: as dbt shows them; label and description in French.
        tables: what is read.
    """

    name: str
    label: str
    type: str
    description: str
    tables: Collection[str]


def tables_read_by(folder: Path, served: Iterable[str]) -> set[str]:
    """Return the served tables that the code below a folder names.

    Args:
        folder: of Python modules with their queries.
        served: names of all served tables.
    """
    names: set[str] = set()
    served = set(served)
    for path in folder.rglob("*.py"):
        for name, brace in _TABLE.findall(path.read_text(encoding="utf-8")):
            names |= {table for table in served if table.startswith(name)} if brace else {name} & served
    return names


def exposures_yaml(exposures: Iterable[Exposure]) -> str:
    """Return the text of ``exposures.yml``."""
    content = {"version": 2, "exposures": [_exposure(each) for each in exposures]}
    return HEADER + yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)


def _exposure(exposure: Exposure) -> dict[str, Any]:
    return {
        "name": exposure.name,
        "label": exposure.label,
        "type": exposure.type,
        "maturity": "high",
        "description": exposure.description,
        "owner": {"name": "DataElec"},
        "depends_on": [f"ref('{name}')" for name in sorted(exposure.tables)],
    }
