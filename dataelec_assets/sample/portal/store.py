"""All the data sets of all the portals of a folder, and the instant at which they are shown."""

from __future__ import annotations

import bisect
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from dataelec_assets.catalog import Catalog, Dataset, load_catalog
from dataelec_assets.catalog.portals import Api
from dataelec_assets.database import connect
from dataelec_assets.errors import LakeError, SettingsError
from dataelec_assets.portals.folder.tables import Stopping
from dataelec_assets.sample.portal.datasets import PortalDataset
from dataelec_assets.sample.portal.folder import WEATHER, api_of, find_portals, find_sites
from dataelec_assets.sample.portal.open_meteo import Forecasts
from dataelec_assets.sample.portal.replies import PortalError, unknown_dataset
from dataelec_assets.sample.portal.sites import Site

SYNTHETIC_MARK = "SYNTHETIC.json"


class Store:
    """The portals of one folder.

    Args:
        data: folder ``DIR/<portal>/<data-set-id>/<files>``.
        at: instant (UTC) as of which files are visible; None shows the newest.
        catalog: the data sets that are known; None: the project's.

    Attributes:
        portals: data sets of each portal that serves tables.
        sites: the portals of plain files.
        forecasts: the portals of weather forecasts.

    Raises:
        SettingsError: the folder is not as expected.
    """

    def __init__(self, data: Path, at: datetime | None, catalog: Catalog | None = None) -> None:
        self.data = data
        self.synthetic = _is_synthetic(data)
        self._con = connect()
        self._stop = threading.Event()
        catalog = load_catalog() if catalog is None else catalog
        self.portals = {
            portal: {
                dataset_id: PortalDataset(
                    self._con, portal, dataset_id, files, catalog.get(dataset_id), stop=self._stop
                )
                for dataset_id, files in datasets.items()
            }
            for portal, datasets in find_portals(data).items()
        }
        self.sites = {name: Site(name, folder, catalog.of_portal(name)) for name, folder in find_sites(data).items()}
        self.forecasts = {
            name: Forecasts(name, folder, catalog.of_portal(name))
            for api in WEATHER
            for name, folder in find_sites(data, api).items()
        }
        self.at: datetime | None = None
        self.show_at(at)

    @property
    def names(self) -> list[str]:
        """Names of all portals."""
        return sorted([*self.portals, *self.sites, *self.forecasts])

    def api_of(self, path: str) -> Api:
        """Return what kind of portal the path of a request belongs to."""
        return api_of(path.lstrip("/").partition("/")[0])

    def __iter__(self) -> Iterator[PortalDataset]:
        """Iterate over the data sets of the portals that serve tables."""
        for datasets in self.portals.values():
            yield from datasets.values()

    def cursor(self) -> duckdb.DuckDBPyConnection:
        """Return a cursor of its own for one request."""
        return self._con.cursor()

    def close(self) -> None:
        """Close the database and remove what was packed."""
        self._con.close()
        for site in self.sites.values():
            site.close()

    @property
    def stamps(self) -> list[datetime]:
        """Instants (UTC) at which some data set gets a new file, in order."""
        return sorted({stamp for stamps in self.stamps_by_dataset.values() for stamp in stamps})

    @property
    def stamps_by_dataset(self) -> dict[str, list[datetime]]:
        """Instants (UTC) at which each data set gets a new file, in order, by ``portal/data-set-id``."""
        tables = {dataset.name: list(dataset.stamps) for dataset in self}
        files = {
            f"{site.name}/{dataset.id}": site.stamps(dataset)
            for site in self.sites.values()
            for dataset in site.datasets.values()
        }
        weather = {
            f"{forecasts.name}/{dataset_id}": forecasts.stamps
            for forecasts in self.forecasts.values()
            for dataset_id in forecasts.datasets
        }
        return tables | files | weather

    def show_at(self, at: datetime | None) -> None:
        """Show every data set as of ``at``; None shows the newest."""
        for shown in (*self, *self.sites.values(), *self.forecasts.values()):
            shown.show_at(at)
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

    def site_of(self, name: str) -> tuple[Site, Dataset] | None:
        """Return the data set of plain files called ``portal/id`` or ``id``, and its site; None when there is none."""
        for site in self.sites.values():
            for dataset in site.datasets.values():
                if name in (dataset.id, f"{site.name}/{dataset.id}"):
                    return site, dataset
        return None

    def named(self, portal: str, name: str) -> PortalDataset | None:
        """Return a data set of a portal by its id; on data-fair, where that is a slug, also by the other one."""
        datasets = self.portals.get(portal, {})
        if name not in datasets and api_of(portal) == "data-fair":
            return next((each for each in datasets.values() if datafair_id(each.name) == name), None)
        return datasets.get(name)

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


def datafair_id(name: str) -> str:
    """Return the id that data-fair gives a data set beside its slug; addresses of next pages hold it."""
    digest = hashlib.sha256(name.encode()).hexdigest()
    return f"{digest[:10]}-{digest[10:18]}"


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
