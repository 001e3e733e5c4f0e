"""Build hook of sdist and wheel: the parse of the dbt project and the empty warehouse go along; no first refresh waits.

Where dbt is not installed, as in pip's isolated builds, the parse that an sdist brought is taken; without one, the
first refresh parses into its lake.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ShipParse(BuildHookInterface[Any]):
    """Adds the folder of the parse, which has the empty warehouse, to what is packed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the parse, unless the build is only a link to the checkout."""
        if version == "editable":
            return
        folder = _made(self.root) or _brought(self.root)
        if folder is not None:
            inside = "dbt" if self.target_name == "sdist" else "dataelec_assets/dbt_project"
            build_data["force_include"][str(folder)] = f"{inside}/target/{folder.name}"


def _made(root: str) -> Path | None:
    if find_spec("dbt.cli") is None or find_spec("dbt.adapters.duckdb") is None:
        return None
    sys.path.insert(0, root)  # the files that are packed, whatever is installed
    try:
        from dataelec_assets.warehouse.prepare import prepare

        return prepare()
    finally:
        sys.path.remove(root)


def _brought(root: str) -> Path | None:
    found = sorted((Path(root) / "dbt" / "target").glob("parse-*/manifest.pickle"))
    return found[0].parent if found else None
