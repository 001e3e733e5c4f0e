"""The dbt project as files: where it is, and a digest of everything that shapes the tables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[2] / "dbt"

_SHAPING_FOLDERS = ("models", "macros", "seeds")
_SHAPING_SUFFIXES = {".sql", ".csv", ".yml"}


def _files() -> Iterator[Path]:
    for folder in _SHAPING_FOLDERS:
        yield from sorted(
            path for path in (PROJECT_DIR / folder).rglob("*") if path.suffix in _SHAPING_SUFFIXES and path.is_file()
        )


def project_digest() -> str:
    """Return a digest of models, macros and seeds: when it changes, every table is built again."""
    digest = hashlib.sha256((PROJECT_DIR / "dbt_project.yml").read_bytes())
    for path in _files():
        digest.update(path.relative_to(PROJECT_DIR).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
