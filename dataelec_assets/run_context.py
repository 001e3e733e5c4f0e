"""What every step needs: settings, catalogue, lake, and a way to reach the portals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from dataelec_assets.catalog import PORTALS, Catalog, Dataset, load_catalog
from dataelec_assets.lake.calendar import CalendarLake
from dataelec_assets.lake.parquet import ParquetLake
from dataelec_assets.lake.partition_index import digest_of
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.quarantine import QuarantineLake
from dataelec_assets.lake.raw import RawStore, Vintage
from dataelec_assets.lake.revisions import RevisionLake
from dataelec_assets.settings import Settings

if TYPE_CHECKING:
    from dataelec_assets.portals.client import LivePortal, PortalClient
    from dataelec_assets.portals.retries import RetryPolicy


Off = Literal["no key", "non-commercial", "not asked for"]

# More connections than a setting may ask for.
_ANY = 1_000


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
    """

    settings: Settings
    catalog: Catalog = field(default_factory=load_catalog)
    now: Callable[[], datetime] = _now
    lock_wait_seconds: float = 3600.0
    raw_from: LakePaths | None = None
    selection: Callable[[Vintage], bool] | None = None
    retries: RetryPolicy | None = None
    published_by: datetime | None = None

    @cached_property
    def paths(self) -> LakePaths:
        """Folders of the lake, absolute: dbt and Dagster run from elsewhere."""
        return LakePaths(self.settings.lake.expanduser().resolve())

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
        is commercial, which its terms do not allow, and there is no key of a paid plan. ``not asked for``: another
        portal has what it would give, or the folder that is read has nothing of it.
        """
        info, folder = dataset.info, self.settings.folder
        if self._is_excluded(dataset.portal):
            return "non-commercial"
        if folder is not None:
            if info.is_extra and not (folder / dataset.portal).is_dir():
                return "not asked for"
            is_there = (folder / dataset.portal / dataset.id).is_dir()
            return "no key" if info.needs_key and not is_there else None
        if info.stands_in_for and not (self._is_excluded(info.stands_in_for) or self.settings.wants(dataset.portal)):
            return "not asked for"
        return "no key" if info.needs_key and self.settings.portal_key(dataset.portal) is None else None

    def _is_excluded(self, portal: str) -> bool:
        """Return whether the terms of a portal exclude the use that is made of the data."""
        is_bound = self.settings.commercial and PORTALS[portal].is_non_commercial
        return is_bound and self.settings.portal_key(portal) is None

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
        return self.portal(dataset.portal, spent=spent)

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
            ),
        )
