"""Portals that publish exactly what the catalogue says: two rows of each data set, the oldest and the newest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time

from dataelec_assets.catalog import Catalog, Column, Dataset, load_catalog
from dataelec_assets.portals.folder.layout import WEATHER
from dataelec_assets.portals.partition_filters import PARIS
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from tests.published import publish, publish_archives, publish_edition, stub
from tests.stubs import Stub
from tests.stubs.dido import Vintage

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def datasets() -> tuple[Dataset, ...]:
    """Return the data sets that need no key and are no weather service's."""
    return tuple(
        each for each in load_catalog().values() if each.info.api not in (*WEATHER, "local") and not each.info.needs_key
    )


@contextmanager
def portals() -> Iterator[Stub]:
    """Run stubs of all portals, which publish what the catalogue says."""
    with stub() as made:
        for dataset in datasets():
            if dataset.withdrawn:
                continue
            for edition in dataset.editions:
                publish_edition(made, dataset, edition.key, file_of(dataset))
            if dataset.dido is not None:
                _publish_at_dido(made, dataset)
            if dataset.archives:
                publish_archives(made, dataset, b"")
            elif not dataset.editions:
                publish(made, dataset, _rows(dataset))
        for dataset in datasets():
            show_editions(made, dataset)
        yield made


def _publish_at_dido(made: Stub, dataset: Dataset) -> None:
    """Publish the files that hold a grain at DiDo: those that are known by id, else one with a title that is meant."""
    assert dataset.dido is not None
    names = (
        *("CODGEO_CODE", "CODGEO_LIBELLE", "VARIABLE", "LIBELLE_VARIABLE", "LIBELLE_SOUS_CHAMP", "UNITE", "TYPE_VAR"),
        *("NO_INDIC", "ODD1", "A2025", "A2024"),
    )
    row = ("84", "A", "pop", "population totale", "", "personnes", "c", "i017", "11", "1", "2")
    vintage = Vintage(NOW - dataset.expected_lag / 2, names, [row])
    for number, file in enumerate(dataset.dido.files or (dataset.id,)):
        title = dataset.dido.titles[0] if dataset.dido.titles else f"Fichier {number}"
        made.dido.put(dataset.dido.dataset, file, title, "2026-04", vintage)


def show_editions(made: Stub, dataset: Dataset, **more: str) -> None:
    """Let the publisher's pages and data.gouv.fr list the files of a data set.

    Args:
        made: where.
        dataset: whose listed editions are shown, each at its address.
        more: path of further editions, or of one that has moved, by ``a`` and the year.
    """
    if dataset.search is None:
        return
    paths = {each.key: each.path for each in dataset.editions} | {key[1:]: path for key, path in more.items()}
    links = [(f"Population légale et communes en {key}", f"{dataset.info.url}/{path}") for key, path in paths.items()]
    page = "".join(f'<p><a href="{address}">{title}</a></p>' for title, address in links).encode()
    for path in dataset.search.pages:
        # Several data sets share a page.
        shared = made.files[dataset.portal].content(path)
        made.files[dataset.portal].put(path, shared + page, dataset="pages")
    if dataset.search.datagouv:
        address = f"api/1/datasets/{dataset.search.datagouv}/"
        known = json.loads(made.files["irve"].content(address) or '{"resources": []}')["resources"]
        resources = [*({"title": title, "url": url} for title, url in links), *known]
        made.files["irve"].put(address, json.dumps({"resources": resources}).encode(), dataset="pages")


def context(made: Stub) -> RunContext:
    """Return the settings that send every call to the stubs, with the catalogue cut to the data sets that they have."""
    settings = Settings(**made.addresses)  # type: ignore[arg-type]  # all are addresses
    return RunContext(settings, Catalog(list(datasets())), now=lambda: NOW)


def file_of(dataset: Dataset) -> bytes:
    """Return a CSV with the labels of the catalogue and two rows."""
    rows = _rows(dataset)
    melted = dataset.years_in_columns
    newest = dataset.header_sets[-1] if dataset.header_sets else ()
    others = {name for names in dataset.header_sets for name in names} - set(newest)
    others |= {melted.year, melted.value} if melted else set()
    names = {each.name: (each.labels or (each.name,))[0] for each in dataset.columns if each.name not in others}
    header, cells = list(names.values()), [[row[name] for name in names] for row in rows]
    if melted is not None:
        header.append(melted.pattern.format(annee=2020))
        cells = [[*each, "1"] for each in cells]
    return "\n".join(";".join(line) for line in [header, *cells, []]).encode()


def _rows(dataset: Dataset) -> list[dict[str, str]]:
    end = dataset.history_end or (NOW - dataset.expected_lag / 2).date()
    moments = (dataset.history_start, end)
    return [
        {
            column.name: _value(dataset, column, moment, number)
            for column in dataset.columns
            if column.name != dataset.stamped_by
        }
        for number, moment in enumerate(moments, 1)
    ]


def _value(dataset: Dataset, column: Column, moment: date, number: int) -> str:
    if column.name == dataset.territories:
        return "11"
    if column.name == dataset.time_column and column.type == "int":
        return str(moment.year)
    if column.type == "date" or column.portal_type == "date":
        return (max(moment, column.since) if column.since else moment).isoformat()
    if column.type == "datetime" or column.portal_type == "datetime":
        # The history begins at midnight in Paris, which is the day before in UTC; the newest row is of today.
        return datetime.combine(moment, time(0 if number == 1 else 11), PARIS).astimezone(UTC).isoformat()
    if column.type == "text":
        return f"{number}".zfill(column.width or 1)
    return str(number)
