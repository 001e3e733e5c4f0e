"""The dbt project as files: where it is, and a digest of everything that shapes the tables."""

from __future__ import annotations

import hashlib
from pathlib import Path

from dataelec_assets import packaged

PROJECT_DIR = packaged.DBT_PROJECT

_SHAPING_FOLDERS = ("models", "macros", "seeds")
_TESTS_FOLDER = "tests"
_SHAPING_SUFFIXES = {".sql", ".csv", ".yml", ".py", ".md"}

# Who reads the tables does not shape them.
_EXPOSURES = Path("models") / "exposures.yml"

# Models in Python call them.
_CALLED_DIRS = (packaged.PACKAGE / "analysis", packaged.PACKAGE / "privacy")


def _digest(*folders: Path, without: Path | None = None) -> str:
    """Return a digest of names and contents: the same in a checkout and in an installed package."""
    digest = hashlib.sha256((PROJECT_DIR / "dbt_project.yml").read_bytes())
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.suffix in _SHAPING_SUFFIXES and path != without and path.is_file():
                digest.update(f"{folder.name}/{path.relative_to(folder).as_posix()}".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def project_digest() -> str:
    """Return a digest of models, macros, seeds and called Python: when it changes, every table is built again."""
    folders = (*(PROJECT_DIR / name for name in _SHAPING_FOLDERS), *_CALLED_DIRS)
    return _digest(*folders, without=PROJECT_DIR / _EXPOSURES)


def definitions_digest() -> str:
    """Return a digest of all that dbt parses, data tests included: when it changes, the project is parsed again."""
    return _digest(*(PROJECT_DIR / name for name in (*_SHAPING_FOLDERS, _TESTS_FOLDER)))
