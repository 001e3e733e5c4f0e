"""The folder that is served: ``DIR/<portal>/<data-set-id>/<files>``, or ``DIR/<portal>/**`` of files served whole."""

from __future__ import annotations

import re
from pathlib import Path

from dataelec_assets.catalog.portals import PORTALS, Api
from dataelec_assets.errors import SettingsError
from dataelec_assets.portals.folder.stamps import SourceFile, read_stamp

SUFFIXES = (".csv", ".csv.gz", ".json", ".json.gz", ".jsonl", ".jsonl.gz", ".parquet", ".xls", ".tsv")

# Kinds of portals whose files are served as they are, not as tables.
WEATHER: tuple[Api, ...] = ("open-meteo", "open-meteo-archive", "openweathermap", "infoclimat")
_WHOLE: tuple[Api, ...] = ("files", *WEATHER)

_SEGMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def api_of(portal: str) -> Api:
    """Return what kind of portal a folder is served as: the catalogue's, or Opendatasoft."""
    return PORTALS[portal].api if portal in PORTALS else "opendatasoft"


def find_sites(data: Path, api: Api = "files") -> dict[str, Path]:
    """Return the folder of every portal of plain files (or of another kind that serves files whole) that holds any."""
    folders = (portal for portal in _folders(data) if api_of(portal.name) == api) if data.is_dir() else ()
    return {folder.name: folder for folder in folders if any(path.is_file() for path in folder.rglob("*"))}


def find_portals(data: Path) -> dict[str, dict[str, tuple[SourceFile, ...]]]:
    """Return the files of every data set of every other portal, oldest first.

    A file whose suffix is not in ``SUFFIXES`` is no data file (a note, a manifest) and is left alone.

    Raises:
        SettingsError: ``data`` is no folder, or holds no data file at the expected place.
    """
    if not data.is_dir():
        raise SettingsError(f"{data} is no folder.", advice="Give --data a folder that holds one folder per portal.")
    portals: dict[str, dict[str, tuple[SourceFile, ...]]] = {}
    for portal in _folders(data):
        if api_of(portal.name) in _WHOLE:
            continue
        datasets = {dataset.name: _files(dataset) for dataset in _folders(portal)}
        if found := {name: files for name, files in datasets.items() if files}:
            portals[portal.name] = found
    if not portals and not any(find_sites(data, api) for api in _WHOLE):
        raise SettingsError(
            f"{data} holds no data file.", advice="Expected: <folder>/<portal>/<data-set-id>/<file>.csv|json|parquet."
        )
    return portals


def _folders(parent: Path) -> list[Path]:
    return sorted(child for child in parent.iterdir() if child.is_dir() and _SEGMENT.fullmatch(child.name))


def _files(folder: Path) -> tuple[SourceFile, ...]:
    found = [read_stamp(path) for path in folder.iterdir() if path.is_file() and path.name.endswith(SUFFIXES)]
    return tuple(sorted(found, key=lambda file: file.order))
