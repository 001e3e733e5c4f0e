"""Every kind of wrong reply, on five data sets, in two sequences: no wrong row is ever copied, no revision is lost.

A sequence is told by what the copies may hold: what the publisher had published before or what it publishes now, and
after the repair the latter only. The suite takes one data set of each kind of fault, `make bench PARTS=faults` sets
`DATAELEC_FAULTS=all` and takes all of them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.ingest.copies import refresh_copies
from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.portals.progress import SilentProgress
from tests.faults.france import SmallLake, copies_of
from tests.published import serving
from tests.stubs import Stub

# Where a reply goes wrong, and how.
EXPORT = ("status:503", "status:404", "status:429-quota", "html_200", "json_error_200", "truncate", "truncate_clean")
EXPORT_CONTENT = ("empty", "reset", "hang:0.3", "one_digit", "doubles", "cached")
GROUPED = ("status:503", "html_200", "json_error_200", "truncate", "truncate_clean", "empty", "reset")
METADATA = ("status:503", "html_200", "json_error_200", "truncate", "empty", "reset")
FAULTS = (
    *(("export", fault) for fault in (*EXPORT, *EXPORT_CONTENT)),
    *(("records", fault) for fault in GROUPED),
    *(("metadata", fault) for fault in METADATA),
)

CATALOG = load_catalog()


@dataclass(frozen=True)
class Published:
    """A data set with a few rows of two months.

    Attributes:
        header, rows: of its file.
        where: a row of the second month, in SQL.
        measure: what is revised there.
    """

    header: str
    rows: tuple[str, ...]
    where: str
    measure: str


def _eco2mix(status: str) -> Published:
    """Return a few hours of national éCO2mix of one status."""
    return Published(
        "date_heure;date;heure;nature;consommation",
        tuple(
            f"2018-0{m}-0{d}T{h:02d}:00:00+00:00;2018-0{m}-0{d};{h + 1:02d}:00;{status};{60000 + h}"
            for m in (1, 2)
            for d in (1, 2)
            for h in (9, 10, 11)
        ),
        "heure = '11:00' and date_heure >= '2018-02-01T00:00:00+00:00'",
        "consommation",
    )


DATASETS = {
    "stock-quotidien-stockages-gaz": Published(
        "date;stock_fin_de_journee;source;pits",
        tuple(
            f"2018-0{m}-{d:02d};{100 * m + d}.5;Storengy;{p}"
            for m in (1, 2)
            for d in (1, 2, 3)
            for p in ("Est", "Ouest")
        ),
        "date = date'2018-02-02' and pits = 'Est'",
        "stock_fin_de_journee",
    ),
    "temperature-quotidienne-regionale": Published(
        "date;code_insee_region;region;tmin;tmax;tmoy",
        tuple(f"2018-0{m}-{d:02d};{c};x;1;{d};2" for m in (1, 2) for d in (1, 2, 3, 4) for c in (11, 24)),
        "date = date'2018-02-02' and code_insee_region = 11",
        "tmax",
    ),
    "consommation-quotidienne-brute": Published(
        "date_heure;date;heure;consommation_brute_gaz_grtgaz;statut_grtgaz;consommation_brute_gaz_terega;statut_terega;"
        "consommation_brute_gaz_totale;consommation_brute_electricite_rte;statut_rte;consommation_brute_totale",
        tuple(
            f"2018-0{m}-0{d}T{h:02d}:00:00+00:00;0{d}/0{m}/2018;{h + 1:02d}:00;10;Définitif;5;Définitif;15;{50000 + h};"
            "Définitif;9"
            for m in (1, 2)
            for d in (1, 2)
            for h in (9, 10, 11)
        ),
        "heure = '11:00' and date_heure >= '2018-02-01T00:00:00+00:00'",
        "consommation_brute_electricite_rte",
    ),
    "eco2mix-national-tr": _eco2mix("Données temps réel"),
    "eco2mix-national-cons-def": _eco2mix("Données définitives"),
}

IS_WHOLE = os.environ.get("DATAELEC_FAULTS") == "all"
CHOSEN = [
    (kind, fault, dataset, sequence)
    for position, (kind, fault) in enumerate(FAULTS)
    for dataset in (DATASETS if IS_WHOLE else [list(DATASETS)[position % len(DATASETS)]])
    for sequence in ("always", "once")
    if IS_WHOLE or sequence == ("always", "once")[position % 2]
]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of what the portal serves; columns that a test does not name are empty."""
    folder = tmp_path_factory.mktemp("published")
    for dataset_id, content in DATASETS.items():
        names = content.header.split(";")
        others = [column.name for column in CATALOG[dataset_id].columns if column.name not in names and column.required]
        lines = [";".join([content.header, *others]), *(row + ";" * len(others) for row in content.rows)]
        file = folder / "odre" / dataset_id / f"{dataset_id}.csv"
        file.parent.mkdir(parents=True)
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def loaded(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a lake that holds all of it."""
    root = tmp_path_factory.mktemp("loaded") / "lake"
    with serving(published) as portal:
        for dataset_id in DATASETS:
            assert refreshed(SmallLake(root, portal), dataset_id) is None
    return root


@pytest.fixture
def running(published: Path) -> Iterator[Stub]:
    """Serve the data; what a test changes ends with it."""
    with serving(published) as portal:
        yield portal


def refreshed(small: SmallLake, dataset_id: str) -> str | None:
    """Fetch and copy one source; return its fault."""
    ctx = small.ctx()
    report = refresh_source(ctx, ctx.catalog[dataset_id], SilentProgress())
    refresh_copies(ctx, ctx.catalog[dataset_id])
    assert report.fault is None or report.error
    return report.error


def copied(small: SmallLake, dataset_id: str) -> dict[str, str]:
    """Return a digest of each copy of one data set."""
    table = CATALOG[dataset_id].table
    return {name: digest for name, digest in copies_of(small.paths).items() if name.startswith(f"{table}/")}


def revise(portal: Stub, dataset_id: str, value: float) -> None:
    """Let the publisher revise one value."""
    content = DATASETS[dataset_id]
    assert portal.revise(dataset_id, content.where, **{content.measure: value}) > 0


@pytest.mark.parametrize("combined", CHOSEN, ids=" ".join)
def test_no_wrong_row_is_copied_and_no_revision_is_lost(
    combined: tuple[str, str, str, str], running: Stub, loaded: Path, tmp_path: Path
) -> None:
    kind, fault, dataset_id, sequence = combined
    small = SmallLake(tmp_path / "lake", running)
    shutil.copytree(loaded, small.root)
    undisturbed = SmallLake(tmp_path / "undisturbed", running)
    shutil.copytree(loaded, undisturbed.root)
    before = copied(small, dataset_id)
    fail = partial(running.fail, fault, dataset=dataset_id, kind=kind, times=None if sequence == "always" else 1)
    if fault == "cached":
        # What lies in the cache is what was published before.
        fail()
        _warm(small, dataset_id)
    revise(running, dataset_id, 77.5)
    fail()

    refreshed(small, dataset_id)

    running.heal()
    assert refreshed(undisturbed, dataset_id) is None
    first = copied(undisturbed, dataset_id)
    assert first != before
    assert copied(small, dataset_id) in (before, first)

    if sequence == "once":
        # The publisher goes on before anybody looks.
        revise(running, dataset_id, 78.5)
        assert refreshed(undisturbed, dataset_id) is None
    assert refreshed(small, dataset_id) is None
    assert copied(small, dataset_id) == copied(undisturbed, dataset_id)


def _warm(small: SmallLake, dataset_id: str) -> None:
    """Ask for every partition once, so that a cache between has them."""
    ctx = small.ctx()
    dataset = ctx.catalog[dataset_id]
    report = refresh_source(ctx, dataset, SilentProgress(), partitions=ctx.raw.partitions(dataset))
    assert (report.error, report.changed) == (None, [])
