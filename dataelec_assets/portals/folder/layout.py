"""Which files of a folder belong to which data set: ``DIR/<portal>/<data set id>/<files>``.

Editions of plain files, RTE's archives, and weather that needs no key, lie anywhere below the folder of their portal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cached_property
from pathlib import Path, PurePosixPath

from dataelec_assets.catalog import Dataset, Edition
from dataelec_assets.catalog.portals import PORTALS, Api
from dataelec_assets.errors import SettingsError
from dataelec_assets.portals.folder.stamps import SourceFile, read_stamp, visible_files
from dataelec_assets.portals.partition_filters import ALL
from dataelec_assets.portals.rte_archives import holds

TABLES = (".csv", ".csv.gz", ".json", ".json.gz", ".jsonl", ".jsonl.gz", ".parquet", ".tsv", ".xls", ".zip")
REPLIES = (".json", ".json.gz")
# Météo-France's own names; of a copy, only these tell which years are in it.
STATIONS = re.compile(
    r"H_(?P<department>\w\w)_(?P<kind>latest-|previous-|)(?P<first>\d{4})-(?P<last>\d{4})\.csv(\.gz)?"
)
WEATHER: tuple[Api, ...] = (
    "open-meteo",
    "open-meteo-archive",
    "open-meteo-previous-runs",
    "meteo-france",
    "openweathermap",
    "infoclimat",
)

# Holds the mark of invented data.
SYNTHETIC = "SYNTHETIC.json"

# Notes beside the data: nobody expects them to be loaded.
_NOTES = re.compile(r"(\..*|readme.*|licen[cs]e.*|.*\.(md|txt))", re.IGNORECASE)

# Files of one folder that a line names.
_SHOWN = 3


class Layout:
    """The files of a folder.

    Args:
        root: the folder.
        at: instant up to which files are seen; None: all of them.

    Raises:
        SettingsError: it is not a folder.
    """

    def __init__(self, root: Path, at: datetime | None = None) -> None:
        if not root.is_dir():
            raise SettingsError(
                f"{root} is not a folder.", advice="Expected: <folder>/<portal>/<data set id>/<files> (docs/folder.md)."
            )
        self.root = root
        self._at = at
        self._below: dict[Path, tuple[SourceFile, ...]] = {}

    @cached_property
    def is_synthetic(self) -> bool:
        """Whether the folder says that its data are invented.

        Raises:
            SettingsError: its mark cannot be read.
        """
        mark = self.root / SYNTHETIC
        if not mark.is_file():
            return False
        try:
            return bool(json.loads(mark.read_text("utf-8")).get("synthetic"))
        except (ValueError, AttributeError) as error:
            raise SettingsError(
                f"{mark} is not a JSON object.", advice="Write the synthetic data again (`dataelec sample`)."
            ) from error

    def folder_of(self, dataset: Dataset) -> Path:
        """Return where the files of a data set are put."""
        return self.root / dataset.portal / dataset.id

    def all_files(self, dataset: Dataset) -> tuple[SourceFile, ...]:
        """Return every file of a data set, oldest first, also those that a newer one replaces."""
        if dataset.info.is_local:
            return ()
        if dataset.info.api == "files":
            found = [file for edition in dataset.editions for file in self._candidates(dataset, edition)]
        elif dataset.info.api == "rte":
            found = [file for file in self._files_below(dataset.portal) if holds(dataset, file.path.name)]
        elif dataset.info.api == "meteo-france":
            found = [file for file in self._files_below(dataset.portal) if STATIONS.fullmatch(file.path.name)]
        elif dataset.info.api in WEATHER and not dataset.info.needs_key:
            found = [file for file in self._files_below(dataset.portal) if file.path.name.endswith(REPLIES)]
        else:
            suffixes = REPLIES if dataset.info.api in WEATHER else TABLES
            folder = self.folder_of(dataset)
            paths = folder.iterdir() if folder.is_dir() else ()
            found = [read_stamp(path) for path in paths if path.is_file() and path.name.endswith(suffixes)]
        return tuple(sorted(set(found), key=lambda file: file.order))

    def states(self, dataset: Dataset) -> list[datetime]:
        """Return the instants (UTC) of the whole states of a data set, as far as they are seen, in order."""
        found = self._seen(self.all_files(dataset))
        return sorted({file.at for file in found if file.at is not None and file.kind == "snapshot"})

    def files(self, dataset: Dataset) -> tuple[SourceFile, ...]:
        """Return the files that make the present state of a data set, oldest first; none when it is not there."""
        if dataset.info.api == "files":
            return tuple(self.editions(dataset).values())
        found = self.all_files(dataset)
        if dataset.info.api == "meteo-france":
            return self._seen(found)
        return self._seen(found)[-1:] if dataset.info.api in WEATHER else visible_files(found, self._at, dataset)

    def editions(self, dataset: Dataset) -> dict[str, SourceFile]:
        """Return the file of each edition that is there."""
        found = {each.key: self._seen(self._candidates(dataset, each)) for each in dataset.editions}
        return {key: files[-1] for key, files in found.items() if files}

    def found_editions(self, dataset: Dataset, last: int) -> dict[str, str]:
        """Return the name of a file of each edition that is there and not listed, known by the entry's search.

        Args:
            dataset: with the editions that are listed.
            last: newest year that an edition may be of.
        """
        search = dataset.search
        if search is None:
            return {}
        first, listed = min(each.key for each in dataset.editions), set(self.all_files(dataset))
        found: dict[str, str] = {}
        for file in self._seen(self._files_below(dataset.portal)):
            year = None if file in listed else search.year_of_copy(file.path.name)
            if year is not None and first <= year <= str(last):
                found.setdefault(year, file.path.name)
        return found

    def _seen(self, files: Iterable[SourceFile]) -> tuple[SourceFile, ...]:
        return tuple(file for file in files if self._at is None or file.at is None or file.at <= self._at)

    def _candidates(self, dataset: Dataset, edition: Edition) -> tuple[SourceFile, ...]:
        """Return the files that can be an edition, oldest first.

        Their names begin as the edition's member, or as its file at the publisher's, and hold its key or one of its
        labels. The publisher's own archive, under its own name, will do where no such file is there.
        """
        names = [(file, file.path.name.lower()) for file in self._files_below(dataset.portal)]
        if edition.key == ALL:
            return tuple(file for file, name in names if name.startswith(edition.labels))
        published = PurePosixPath(edition.path).name.lower()
        wanted = str(edition.member or published).lower()
        stem = wanted.partition("*")[0] if "*" in wanted else wanted.rpartition(".")[0] or wanted
        # Not a part of a longer date: 2026 does not mark a file of 2026-01.
        texts = (re.escape(mark.lower()) for mark in (edition.key, *edition.labels))
        marks = [re.compile(rf"(?<!\d)(?<!\d-){text}(?!\d|-\d)") for text in texts]

        def is_marked(name: str) -> bool:
            # A stem that ends with the key needs no other mark, as in EPCI_au_01-01-2026.
            follows = name[len(stem) :]
            is_told = stem.endswith(edition.key.lower()) and re.match(r"-?\d", follows) is None
            return is_told or any(mark.search(name) for mark in marks)

        found = [file for file, name in names if name.startswith(stem) and is_marked(name)]
        if edition.member is not None:
            found = [file for file in found if file.path.suffix != ".zip"] or [
                file for file, name in names if name == published
            ]
        return tuple(found)

    def _files_below(self, portal: str) -> tuple[SourceFile, ...]:
        folder = self.root / portal
        if folder not in self._below:
            found = (read_stamp(path) for path in folder.rglob("*") if path.is_file())
            self._below[folder] = tuple(sorted(found, key=lambda file: file.order))
        return self._below[folder]

    def findings(self, datasets: Iterable[Dataset], last: int) -> list[str]:
        """Return what is in the folder and is not read, and what is missing beside what is there: one line each.

        Args:
            datasets: of the catalogue.
            last: newest year that an edition may be of.
        """
        known = list(datasets)
        used = {file.path for dataset in known for file in self.all_files(dataset)}
        named = {(dataset.portal, name) for dataset in known for name in self.found_editions(dataset, last).values()}
        lines = []
        for portal in sorted(each for each in self.root.iterdir() if each.is_dir() and each.name[0] not in "._"):
            unused: dict[Path, list[str]] = {}
            for path in sorted(portal.rglob("*")):
                is_used = path in used or (portal.name, path.name) in named
                if path.is_file() and not is_used and not _NOTES.fullmatch(path.name):
                    unused.setdefault(path.parent, []).append(path.name)
            for folder, names in unused.items():
                shown = ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
                lines.append(f"Not read, {self._reason(folder, known)}: {folder.relative_to(self.root)}/ ({shown})")
        return [*lines, *self._missing_members(known)]

    def _reason(self, folder: Path, known: Iterable[Dataset]) -> str:
        portal, *rest = folder.relative_to(self.root).parts
        if portal not in PORTALS:
            return f"no portal is called {portal!r}"
        if PORTALS[portal].is_local:
            return "`dataelec import-indicators` imports files"
        if PORTALS[portal].api in ("files", "rte"):
            return "no edition of the catalogue has such a name"
        if rest[:1] not in ([each.id] for each in known):
            return f"the catalogue has no data set {rest[0]!r} of {portal}" if rest else "it is in no data set's folder"
        return "such files are not read"

    def _missing_members(self, known: Iterable[Dataset]) -> Iterator[str]:
        """Yield the members that a publisher's archive has and the folder lacks, where it has others of the same."""
        archives: dict[tuple[str, str], dict[str, bool]] = {}
        for dataset in known:
            there = self.editions(dataset) if dataset.info.api == "files" else {}
            for edition in dataset.editions:
                if edition.member is not None:
                    members = archives.setdefault((dataset.portal, edition.path), {})
                    members[f"{edition.member} of {edition.key}"] = edition.key in there
        for (portal, path), members in archives.items():
            if any(members.values()) and (missing := [name for name, is_there in members.items() if not is_there]):
                yield f"Missing of {PurePosixPath(path).name} in {portal}/: {', '.join(missing)}; the others are read."
