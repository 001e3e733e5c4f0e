"""The dbt project as files: where it is, and a digest of everything that shapes the tables."""

from __future__ import annotations

import hashlib
import os
from functools import lru_cache
from pathlib import Path

from dataelec_assets import packaged

PROJECT_DIR = packaged.DBT_PROJECT

_SHAPING_FOLDERS = ("models", "macros", "seeds")
_TESTS_FOLDER = "tests"
_SHAPING_SUFFIXES = {".sql", ".csv", ".yml", ".py", ".md"}

# Who reads the tables does not shape them.
_EXPOSURES = Path("models") / "exposures.yml"

# The views of a publication are made of it; dbt does not read it.
_MEANINGS = ("semantic.yml",)

# Models in Python call them.
_CALLED_DIRS = (packaged.PACKAGE / "analysis", packaged.PACKAGE / "privacy")


def _digest(*folders: Path, without: Path | None = None, beside: tuple[str, ...] = ()) -> str:
    """Return a digest of names and contents: the same in a checkout and in an installed package."""
    files = [(name, str(PROJECT_DIR / name)) for name in ("dbt_project.yml", *beside)]
    # Texts, not Paths: a command asks several times, and the sensor at each tick.
    for folder in folders:
        below = sorted(f"{root}/{name}" for root, _, names in os.walk(folder) for name in names)
        start = len(str(folder))
        files += [
            (folder.name + path[start:], path)
            for path in below
            if path[path.rfind(".") :] in _SHAPING_SUFFIXES and path != str(without)
        ]
    stats = [os.stat(path) for _, path in files]  # noqa: PTH116 - as above
    return _read(tuple((*file, stat.st_size, stat.st_mtime_ns) for file, stat in zip(files, stats, strict=True)))


@lru_cache(maxsize=8)
def _read(files: tuple[tuple[str, str, int, int], ...]) -> str:
    """Return the digest of files, given by name, path, size and time: they are read again when one of these differs."""
    digest = hashlib.sha256()
    for name, path, *_ in files:
        digest.update(name.encode())
        digest.update(Path(path).read_bytes())
    return digest.hexdigest()


def project_digest() -> str:
    """Return a digest of models, macros, seeds, meanings and called Python: when it changes, every table is rebuilt."""
    folders = (*(PROJECT_DIR / name for name in _SHAPING_FOLDERS), *_CALLED_DIRS)
    return _digest(*folders, without=PROJECT_DIR / _EXPOSURES, beside=_MEANINGS)


def definitions_digest() -> str:
    """Return a digest of all that dbt parses, data tests included: when it changes, the project is parsed again."""
    return _digest(*(PROJECT_DIR / name for name in (*_SHAPING_FOLDERS, _TESTS_FOLDER)))
