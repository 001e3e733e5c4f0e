"""The dbt project as files: where it is, and a digest of everything that shapes the tables."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[2] / "dbt"

_SHAPING_FOLDERS = ("models", "macros", "seeds")
_TESTS_FOLDER = "tests"
_SHAPING_SUFFIXES = {".sql", ".csv", ".yml", ".py", ".md"}

# Models in Python call it.
_ANALYSIS_DIR = Path(__file__).resolve().parents[1] / "analysis"


def _files(*folders: Path) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(path for path in folder.rglob("*") if path.suffix in _SHAPING_SUFFIXES and path.is_file())


def _digest(*folders: Path) -> str:
    digest = hashlib.sha256((PROJECT_DIR / "dbt_project.yml").read_bytes())
    for path in _files(*folders):
        digest.update(path.relative_to(PROJECT_DIR.parent).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def project_digest() -> str:
    """Return a digest of models, macros, seeds and analysis: when it changes, every table is built again."""
    return _digest(*(PROJECT_DIR / name for name in _SHAPING_FOLDERS), _ANALYSIS_DIR)


def definitions_digest() -> str:
    """Return a digest of all that dbt parses, data tests included: when it changes, the project is parsed again."""
    return _digest(*(PROJECT_DIR / name for name in (*_SHAPING_FOLDERS, _TESTS_FOLDER)))
