"""All the data sets of all the portals of a folder, and the instant at which they are shown."""

from __future__ import annotations

import bisect
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from dataelec_assets.catalog import load_catalog
from dataelec_assets.errors import LakeError, SettingsError
from dataelec_assets.sample.portal.datasets import PortalDataset
from dataelec_assets.sample.portal.folder import find_portals
from dataelec_assets.sample.portal.replies import PortalError, unknown_dataset
from dataelec_assets.sample.portal.states import Stopping

SYNTHETIC_MARK = "SYNTHETIC.json"


class Store:
    """The portals of one folder.

    Args:
        data: folder ``DIR/<portal>/<data-set-id>/<files>``.
        at: instant (UTC) as of which files are visible; None shows the newest.

    Raises:
        SettingsError: the folder is not as expected.
    """

    def __init__(self, data: Path, at: datetime | None) -> None:
        self.data = data
        self.synthetic = _is_synthetic(data)
        self._con = duckdb.connect(":memory:")
        # Cursors do not inherit the session's time zone.
        self._con.execute("SET GLOBAL TimeZone = 'UTC'")
        self._stop = threading.Event()
        catalog = load_catalog()
        self.portals = {
            portal: {
                dataset_id: PortalDataset(
                    self._con, portal, dataset_id, files, catalog.get(dataset_id), stop=self._stop
                )
                for dataset_id, files in datasets.items()
            }
            for portal, datasets in find_portals(data).items()
        }
        self.at: datetime | None = None
        self.show_at(at)

    def __iter__(self) -> Iterator[PortalDataset]:
        """Iterate over the data sets of all portals."""
        for datasets in self.portals.values():
            yield from datasets.values()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor of its own for one request."""
        return self._con.cursor()

    def close(self) -> None:
        """Close the database."""
        self._con.close()

    @property
    def stamps(self) -> list[datetime]:
        """Instants (UTC) at which some data set gets a new file, in order."""
        return sorted({stamp for dataset in self for stamp in dataset.stamps})

    def show_at(self, at: datetime | None) -> None:
        """Show every data set as of ``at``; None shows the newest."""
        for dataset in self:
            dataset.show_at(at)
        self.at = at

    def step(self, steps: int) -> datetime | None:
        """Go ``steps`` publications forward (backward when negative), staying within the first and the last."""
        stamps = self.stamps
        if stamps:
            here = len(stamps) if self.at is None else bisect.bisect_right(stamps, self.at)
            self.show_at(stamps[min(max(here - 1 + steps, 0), len(stamps) - 1)])
        return self.at

    def find(self, name: str) -> PortalDataset:
        """Return the data set called ``portal/id``, or ``id`` alone when one portal only has it.

        Raises:
            PortalError: 404, there is none, or several portals have it.
        """
        found = [dataset for dataset in self if name in (dataset.name, dataset.id)]
        if len(found) != 1:
            raise unknown_dataset(name)
        return found[0]

    def stop(self) -> None:
        """Give up what is being loaded."""
        self._stop.set()

    def load_catalogued(self, notice: Callable[[str], None]) -> None:
        """Load the data sets of the catalogue now and tell what was restored or cannot be served.

        The others are loaded when they are asked for: nothing is restored in them.
        """
        for dataset in self:
            if dataset.entry is None:
                continue
            try:
                notices = dataset.current().notices
            except PortalError:
                continue  # nothing published yet at the instant shown
            except Stopping:
                return
            except SettingsError as error:
                notices = (f"not served: {error}",)
            for text in notices:
                notice(f"{dataset.name}: {text}")


def iso(moment: datetime) -> str:
    """Return ``moment`` as the portal writes instants: UTC, offset, no fraction."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _is_synthetic(data: Path) -> bool:
    mark = data / SYNTHETIC_MARK
    if not mark.is_file():
        return False
    try:
        return bool(json.loads(mark.read_text("utf-8")).get("synthetic"))
    except (ValueError, AttributeError) as error:
        raise LakeError(f"{mark} is no JSON object.", advice="Generate the synthetic data again.") from error
