"""What every step needs: settings, catalogue, lake, and a way to reach the portals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from dataelec_assets.catalog import PORTALS, Catalog, Dataset, load_catalog
from dataelec_assets.catalog.rhythms import RHYTHMS
from dataelec_assets.lake.calendar import CalendarLake
from dataelec_assets.lake.parquet import ParquetLake
from dataelec_assets.lake.partition_index import digest_of
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.quarantine import QuarantineLake
from dataelec_assets.lake.raw import RawStore, Vintage
from dataelec_assets.lake.revisions import RevisionLake
from dataelec_assets.lake.state import load_state
from dataelec_assets.lake.write_through import attach
from dataelec_assets.settings import Settings

if TYPE_CHECKING:
    from dataelec_assets.portals.client import LivePortal, PortalClient
    from dataelec_assets.portals.retries import RetryPolicy


Off = Literal["no key", "non-commercial", "standby", "local", "not asked for"]

# More connections than a setting may ask for.
_ANY = 1_000


def paths_of(settings: Settings) -> LakePaths:
    """Return the folders of the lake that the settings name; those of a bucket are its working copy."""
    paths = LakePaths(settings.lake.expanduser().resolve())
    if settings.bucket is not None:
        attach(paths, settings.bucket)
    return paths


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class RunContext:
    """The settings in force and everything derived from them.

    Attributes:
        settings: from the environment.
        catalog: the data sets.
        now: the clock (UTC); tests stop it.
        lock_wait_seconds: how long a step waits for another refresh of the same lake to end.
        raw_from: lake whose raw vintages are read; None: this one. See :mod:`dataelec_assets.rebuild`.
        selection: which of them are seen; None: all.
        retries: how often and how patiently portals are asked again; None: as is usual.
        published_by: instant up to which the files of a folder are seen; None: all of them.
        asked: ids of the data sets that were asked for by name, which are asked although they only stand in.
    """

    settings: Settings
    catalog: Catalog = field(default_factory=load_catalog)
    now: Callable[[], datetime] = _now
    lock_wait_seconds: float = 3600.0
    raw_from: LakePaths | None = None
    selection: Callable[[Vintage], bool] | None = None
    retries: RetryPolicy | None = None
    published_by: datetime | None = None
    asked: frozenset[str] = frozenset()

    @cached_property
    def paths(self) -> LakePaths:
        """Folders of the lake, absolute: dbt and Dagster run from elsewhere."""
        return paths_of(self.settings)

    @property
    def place(self) -> str:
        """Where the lake is, for people: its folder, or the address of its bucket."""
        return self.settings.bucket or str(self.paths.root)

    @property
    def raw(self) -> RawStore:
        """The raw vintages, all of them."""
        return RawStore(self.raw_from or self.paths, self.selection)

    @property
    def sound(self) -> RawStore:
        """The raw vintages without those in quarantine: what copies are made from."""
        return RawStore(self.raw_from or self.paths, self.selection, self.quarantine.held())

    @property
    def quarantine(self) -> QuarantineLake:
        """What is not served because a check found it impossible."""
        return QuarantineLake(self.paths)

    @property
    def parquet(self) -> ParquetLake:
        """The Parquet copies."""
        return ParquetLake(self.paths)

    @property
    def revisions(self) -> RevisionLake:
        """What publishers have changed in what they had published."""
        return RevisionLake(self.paths)

    @property
    def calendar(self) -> CalendarLake:
        """Public and school holidays that Python packages know."""
        return CalendarLake(self.paths)

    def partition_signatures(self, dataset: Dataset) -> dict[str, str]:
        """Return the signature of everything that the warehouse reads of a data set, by partition."""
        revisions = self.revisions.index(dataset)
        return {
            partition: digest_of({"copy": info.signature, "revisions": revisions[partition].content})
            if partition in revisions
            else info.signature
            for partition, info in self.parquet.index(dataset).items()
        }

    def why_off(self, dataset: Dataset) -> Off | None:
        """Return why the data set is not asked for at all; None when it is.

        ``no key``: its portal needs one, and the settings have none. ``non-commercial``: the settings say that the use
        is commercial, which its terms do not allow, and there is no key of a paid plan. ``standby``: it stands in for
        a data set that is not away, and was not asked for by name. ``local``: it has no portal, users bring its files.
        ``not asked for``: another portal has what it would give, or the folder that is read has nothing of it.

        Raises:
            LakeError: the state of the data set that it stands in for is damaged.
        """
        if dataset.info.is_local:
            return "local"
        if dataset.stands_in_for is not None:
            return None if self._is_needed(dataset, self.catalog[dataset.stands_in_for]) else "standby"
        if self._is_excluded(dataset.portal):
            return "non-commercial"
        return self._without_key(dataset) if self._is_wanted(dataset) else "not asked for"

    def _is_wanted(self, dataset: Dataset) -> bool:
        """Return whether a data set that most lakes do without is to be asked; True for any other."""
        info, folder = dataset.info, self.settings.folder
        if folder is not None:
            return not info.is_extra or (folder / dataset.portal).is_dir()
        return info.in_place_of is None or self._is_excluded(info.in_place_of) or self.settings.wants(dataset.portal)

    def _without_key(self, dataset: Dataset) -> Off | None:
        folder = self.settings.folder
        if folder is not None:
            is_there = (folder / dataset.portal / dataset.id).is_dir()
            return "no key" if dataset.info.needs_key and not is_there else None
        return "no key" if dataset.info.needs_key and self.settings.portal_key(dataset.portal) is None else None

    def _is_excluded(self, portal: str) -> bool:
        """Return whether the terms of a portal exclude the use that is made of the data."""
        is_bound = self.settings.commercial and PORTALS[portal].is_non_commercial
        return is_bound and self.settings.portal_key(portal) is None

    def _is_needed(self, dataset: Dataset, other: Dataset) -> bool:
        """Return whether a data set that stands in for another one is to be asked."""
        if self.settings.folder is not None:
            # What a folder holds is read; that it lacks what only stands in is nothing that a user must hear of.
            return self._is_in(self.settings.folder / dataset.portal, dataset)
        return dataset.id in self.asked or self.away_since(other) is not None

    @staticmethod
    def _is_in(folder: Path, dataset: Dataset) -> bool:
        if not folder.is_dir():
            return False
        from dataelec_assets.portals.rte_archives import holds

        return any(holds(dataset, each.name) for each in folder.rglob("*"))

    def away_since(self, dataset: Dataset) -> datetime | None:
        """Return since when the portal has not given a data set, once that is longer than its cadence; else None.

        Raises:
            LakeError: the state of the data set is damaged.
        """
        since = load_state(self.paths, dataset).failing_since
        began = datetime.fromisoformat(since) if since is not None else None
        is_long = began is not None and self.now() - began > RHYTHMS[dataset.cadence].warn
        return began if is_long else None

    def asking(self, ids: Iterable[str]) -> RunContext:
        """Return the same, in which data sets are asked for by name."""
        named = self.asked | frozenset(ids)
        return self if named == self.asked else replace(self, asked=named)

    def is_off(self, dataset: Dataset) -> bool:
        """Return whether the data set is not asked for at all; see :meth:`why_off`."""
        return self.why_off(dataset) is not None

    def client(self, dataset: Dataset, *, spent: float = 0.0) -> PortalClient:
        """Return a new client of the data set's portal, or of the folder in its place; the caller closes it.

        Args:
            dataset: says which portal.
            spent: seconds that the source has already taken of its time in this refresh.
        """
        # What a portal needs costs more to import than `dataelec status` takes.
        if self.settings.folder is not None:
            from dataelec_assets.portals.folder.client import FolderPortal

            return FolderPortal(
                self.settings.folder, self.paths.state / "folder", self.paths.temporary, self.published_by
            )
        return self.live_client(dataset, spent=spent)

    def live_client(self, dataset: Dataset, *, spent: float = 0.0) -> LivePortal:
        """Return a new client of the data set's portal, even where a folder is read instead; the caller closes it."""
        return self.portal(dataset.portals[0], spent=spent)

    def portal(self, portal: str, *, spent: float = 0.0) -> LivePortal:
        """Return a new client of a portal, by its short name; see :meth:`live_client`."""
        from dataelec_assets.portals.options import ConnectionOptions
        from dataelec_assets.portals.registry import open_portal
        from dataelec_assets.portals.retries import RetryPolicy

        return open_portal(
            PORTALS[portal],
            self.settings.portal_url(portal),
            ConnectionOptions(
                api_key=self.settings.portal_key(portal),
                max_connections=min(self.settings.connections, PORTALS[portal].most_connections or _ANY),
                # Those of the free service; a paid plan has others.
                limits=() if PORTALS[portal].paid and self.settings.portal_key(portal) else PORTALS[portal].limits,
                retries=self.retries or RetryPolicy(),
                # At least one second, so that a source with no time left fails in the client, which says so.
                deadline=max(self.settings.source_deadline - spent, 1.0),
                folder=self.paths.state / "archives",
                root_of_portal=self.settings.portal_url,
            ),
        )
