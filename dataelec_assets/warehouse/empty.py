"""The warehouse of a lake without rows, from which the first build of every lake starts.

What no row feeds is the same in all lakes: it is built and checked once per version of the project, and copied. So a
lake with three data sets builds what these feed, and still serves every table (docs/decisions/0038).
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import uuid4

from dataelec_assets.lake.atomic_files import move_into_place, temporary_path
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.warehouse.dbt import NodeResult
from dataelec_assets.warehouse.parse import Parse
from dataelec_assets.warehouse.project import project_digest


@dataclass(frozen=True, slots=True)
class EmptyWarehouse:
    """A warehouse without rows, and what dbt said while building it.

    Attributes:
        folder: where both are.
    """

    folder: Path

    def copy(self, paths: LakePaths) -> None:
        """Put a copy where a lake has its warehouse."""
        draft = temporary_path(paths, ".duckdb")
        shutil.copyfile(self.folder / "warehouse.duckdb", draft)
        move_into_place(draft, paths.warehouse)

    def results(self) -> list[NodeResult]:
        """Return the result of each node."""
        rows = json.loads((self.folder / "results.json").read_text(encoding="utf-8"))
        return [NodeResult(**row) for row in rows]


def find_empty(parse: Parse) -> EmptyWarehouse | None:
    """Return the empty warehouse of the present project; None when nobody has built it."""
    folder = _folder(parse)
    return EmptyWarehouse(folder) if folder.exists() else None


def keep_empty(parse: Parse, warehouse: Path, results: Sequence[NodeResult]) -> None:
    """Keep a warehouse that was built from a lake without rows, beside the parse, unless that cannot be written to."""
    folder = _folder(parse)
    if folder.exists() or not os.access(parse.folder, os.W_OK):
        return
    draft = folder.with_name(f"{folder.name}.{uuid4().hex[:8]}")
    try:
        draft.mkdir()
        shutil.copyfile(warehouse, draft / "warehouse.duckdb")
        (draft / "results.json").write_text(json.dumps([asdict(each) for each in results]), encoding="utf-8")
        draft.rename(folder)
        for each in folder.parent.glob("empty-*"):  # of Python that has changed since
            if not each.name.startswith(folder.name):
                shutil.rmtree(each, ignore_errors=True)
    except OSError:  # another process was first, or the disk is full: the next lake builds its own
        shutil.rmtree(draft, ignore_errors=True)


def _folder(parse: Parse) -> Path:
    # The parse does not know the Python that models call.
    return parse.folder / f"empty-{project_digest()[:16]}"
