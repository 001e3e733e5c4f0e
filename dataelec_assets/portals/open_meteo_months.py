"""What two APIs of Open-Meteo share: a past that is cut by month, and no version.

One town, the witness, is asked over the whole history. Its days show which months there are, how far the newest
reaches, and whether one was revised.
"""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import ClassVar

from dataelec_assets.catalog import Dataset
from dataelec_assets.catalog.chief_towns import CHIEF_TOWNS
from dataelec_assets.errors import DatasetAbsent
from dataelec_assets.portals.client import DatasetMetadata
from dataelec_assets.portals.fingerprints import Fingerprint, Survey
from dataelec_assets.portals.http_portal import HttpPortal
from dataelec_assets.portals.partition_filters import PARIS, partition_of

# The town whose days show what there is.
WITNESS = "11"


class OpenMeteoMonths(HttpPortal):
    """The part of :class:`~dataelec_assets.portals.client.PortalClient` that the days of the witness tell.

    Attributes:
        path: of the calls, below the root.
    """

    # The days of the witness give the version, and the content of each month.
    survey_is_free = True

    path: ClassVar[str]

    _known: dict[date, str] | None = None

    def metadata(self, dataset: Dataset) -> DatasetMetadata:
        """Return how far the portal reaches; its version is the end of the newest complete day.

        Raises:
            DatasetAbsent: there is none.
        """
        days = self._days(dataset)
        if not days:
            raise DatasetAbsent("the portal has no day", dataset_id=dataset.id, request=self._url)
        self._known = days
        return DatasetMetadata(
            dataset_id=dataset.id,
            title=dataset.title,
            data_processed=midnight(max(days) + timedelta(days=1)),
            records_count=sum(map(hours_of, days)) * len(CHIEF_TOWNS),
            fields=(),
            synthetic=self.is_synthetic,
        )

    def extent(self, dataset: Dataset) -> tuple[str, str] | None:
        """Return the first and the last complete day."""
        self._known = known = self._known or self._days(dataset)
        return (min(known).isoformat(), max(known).isoformat()) if known else None

    def survey(self, dataset: Dataset, metadata: DatasetMetadata) -> Survey:  # noqa: ARG002 - the protocol's
        """Return the months, each with a digest of what the witness says."""
        if self._known is None:
            self._known = self._days(dataset)
        months: defaultdict[str, list[date]] = defaultdict(list)
        for day in sorted(self._known):
            months[partition_of(dataset, midnight(day))].append(day)
        return Survey({month: self._fingerprint(days, self._known) for month, days in months.items()})

    @abstractmethod
    def _days(self, dataset: Dataset) -> dict[date, str]:
        """Return what the witness says of each day that is complete."""

    def survey_partition(self, dataset: Dataset, partition: str, metadata: DatasetMetadata) -> Fingerprint:
        """Return what :meth:`survey` says of one partition: no sum of its rows is known."""
        return self.survey(dataset, metadata).partitions[partition]

    def rows_by(self, dataset: Dataset, partition: str, columns: Sequence[str]) -> list[int] | None:
        """Return None: the API counts no rows."""

    def verify(self, dataset: Dataset, partition: str, rows: int) -> None:
        """Do nothing: a reply that lacked a place or an hour was refused when it came."""

    @property
    def _url(self) -> str:
        return f"{self._portal.base_url}/{self.path}"

    @staticmethod
    def _fingerprint(days: list[date], said: dict[date, str]) -> Fingerprint:
        rows = sum(map(hours_of, days)) * len(CHIEF_TOWNS)
        content = repr([(day.isoformat(), said[day]) for day in days])
        digest = hashlib.sha256(content.encode()).hexdigest()[:32]
        return Fingerprint(rows, rows, max(days).isoformat(), sums={"temoin": digest})


def midnight(day: date) -> datetime:
    """Return the instant (UTC) at which a day begins in Paris."""
    return datetime(day.year, day.month, day.day, tzinfo=PARIS).astimezone(UTC)


def hours_of(day: date) -> int:
    """Return how many hours a day has in Paris: 23, 24 or 25."""
    return int((midnight(day + timedelta(days=1)) - midnight(day)).total_seconds()) // 3600
