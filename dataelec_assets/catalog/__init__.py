"""The catalogue: one declarative entry per data set, found by file, loaded once.

Each module of ``entries/`` holds one ``DATASET``. Adding a file adds a data set (docs/add-a-data-set.md).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from types import ModuleType

from dataelec_assets.catalog.columns import CatalogError, Column, YearsInColumns, slug
from dataelec_assets.catalog.dataset import FAIL_AFTER, WARN_AFTER, Cadence, Dataset
from dataelec_assets.catalog.dido import DidoFiles
from dataelec_assets.catalog.evidence import of_code, of_file, of_page
from dataelec_assets.catalog.partitioning import Edition, Partitioning, Search
from dataelec_assets.catalog.portals import PORTALS, PortalInfo

__all__ = [
    "FAIL_AFTER",
    "PORTALS",
    "WARN_AFTER",
    "Cadence",
    "Catalog",
    "CatalogError",
    "Column",
    "Dataset",
    "DidoFiles",
    "Edition",
    "Partitioning",
    "PortalInfo",
    "Search",
    "YearsInColumns",
    "load_catalog",
    "of_code",
    "of_file",
    "of_page",
    "slug",
]


class Catalog(Mapping[str, Dataset]):
    """The data sets by id, in alphabetical order."""

    def __init__(self, datasets: list[Dataset]) -> None:
        self._datasets: dict[str, Dataset] = {}
        for dataset in sorted(datasets, key=lambda each: each.id):
            if dataset.id in self._datasets:
                raise CatalogError(f"data set {dataset.id!r} has two entries")
            self._datasets[dataset.id] = dataset
        for dataset in self._datasets.values():
            if dataset.stands_in_for is not None and dataset.stands_in_for not in self._datasets:
                raise CatalogError(f"data set {dataset.id!r}: stands_in_for names unknown {dataset.stands_in_for!r}")
            for column in dataset.columns:
                if not self.personal_names.isdisjoint(column.header_slugs):
                    raise CatalogError(
                        f"data set {dataset.id!r}: column {column.name!r} is personal in another data set, "
                        "it must not be loaded"
                    )

    def __getitem__(self, dataset_id: str) -> Dataset:
        """Return the entry; KeyError when there is none."""
        return self._datasets[dataset_id]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the ids."""
        return iter(self._datasets)

    def __len__(self) -> int:
        """Return the number of data sets."""
        return len(self._datasets)

    @property
    def personal_names(self) -> frozenset[str]:
        """Names, in snake_case, of the columns that are personal in any data set: none of them is loaded or served."""
        return frozenset(slug(name) for dataset in self._datasets.values() for name in dataset.personal)

    def of_portal(self, portal: str) -> tuple[Dataset, ...]:
        """Return the data sets of one portal."""
        return tuple(dataset for dataset in self.values() if dataset.portal == portal)


def load_catalog(package: ModuleType | None = None) -> Catalog:
    """Load every entry of ``package`` (default: the project's own entries).

    Raises:
        CatalogError: an entry cannot be loaded; the message names its file and the mistake.
    """
    if package is None:
        return _own_catalog()
    datasets = []
    for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        try:
            module = importlib.import_module(info.name)
        except (CatalogError, TypeError, NameError, SyntaxError) as error:
            raise CatalogError(f"catalogue entry {info.name.rsplit('.', 1)[-1]}.py: {error}") from error
        dataset = getattr(module, "DATASET", None)
        if isinstance(dataset, Dataset):
            datasets.append(dataset)
        elif not info.name.rsplit(".", 1)[-1].startswith("_"):
            raise CatalogError(f"catalogue entry {info.name.rsplit('.', 1)[-1]}.py: defines no DATASET")
    return Catalog(datasets)


@cache
def _own_catalog() -> Catalog:
    entries = importlib.import_module("dataelec_assets.catalog.entries")
    return load_catalog(entries)
