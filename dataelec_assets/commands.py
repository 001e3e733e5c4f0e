"""What the commands do, without printing."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from typing import Any

from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import DataElecError, LakeError, SettingsError
from dataelec_assets.house import House
from dataelec_assets.lake.state import load_state
from dataelec_assets.portals.progress import progress_on
from dataelec_assets.refresh.observation import observe_house, stale_copies
from dataelec_assets.refresh.sources import SourceReport
from dataelec_assets.settings import load_settings

# Exit codes of `dataelec refresh`, documented in cli.py and in docs/refresh.md.
EXIT_NOTHING, EXIT_ABSENT, EXIT_PARTIAL = 1, 3, 4

# A first load of the whole history takes about 2 GB, raw and derived files together.
_ENOUGH_BYTES = 5_000_000_000


@dataclass
class RefreshOutcome:
    """What a refresh did, ready to print.

    Attributes:
        sources: one row per source.
        build: what dbt did, None when there was nothing to build.
        publication: what is served, None when nothing is.
        lines: closing words.
        exit_code: of the command.
    """

    sources: list[dict[str, Any]]
    build: dict[str, Any] | None = None
    publication: dict[str, Any] | None = None
    lines: list[str] = field(default_factory=list)
    exit_code: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return everything but the closing words."""
        return {"sources": self.sources, "build": self.build, "publication": self.publication}


def chosen(house: House, ids: Sequence[str] | None) -> list[Dataset]:
    """Return the data sets with these ids; all of them for None.

    Raises:
        SettingsError: an id is not in the catalogue.
    """
    unknown = [each for each in ids or () if each not in house.catalog]
    if unknown:
        raise SettingsError(
            f"Unknown data set {', '.join(unknown)}.", advice=f"The catalogue has {', '.join(house.catalog)}."
        )
    return [house.catalog[each] for each in ids] if ids else list(house.catalog.values())


def refresh_house(
    ids: Sequence[str] | None = None, *, accept_shrink: bool = False, quiet: bool = False, house: House | None = None
) -> RefreshOutcome:
    """Bring everything up to date; see :func:`dataelec_assets.cli.refresh`.

    Raises:
        DataElecError: nothing new could be published.
    """
    house = house or House(load_settings())
    observations = observe_house(house, chosen(house, ids))
    reports = {each.dataset.id: each.report for each in observations}
    outcome = RefreshOutcome([])
    has_stale = any(each.stale or stale_copies(house, each.dataset) for each in observations)
    if has_stale or not _is_served(house):
        # Dagster and dbt cost seconds to import: a refresh without work does not.
        from dataelec_assets.orchestration.resources import Journal
        from dataelec_assets.orchestration.runs import Runs

        with progress_on(sys.stderr, quiet=quiet) as progress:
            views = {each.dataset.id: each.view for each in observations if each.view is not None}
            journal = Journal(progress=progress, accept_shrink=accept_shrink, views=views)
            runs = Runs(house, journal)
            for each in observations:
                outside = runs.ingest(each.dataset, [stale.partition for stale in each.stale]) if each.stale else []
                if outside:
                    each.report.warnings.append(
                        f"{len(outside)} partition(s) outside the catalogue's history are not loaded: {outside[0]} …"
                    )
                behind = stale_copies(house, each.dataset)
                if behind:
                    runs.ingest(each.dataset, behind, with_raw=False)
            if not _is_served(house) and _has_content(house):
                runs.build()
        reports |= {name: reports[name].joined(report) for name, report in journal.sources.items()}
        if journal.build is not None and journal.build.kind != "nothing":
            outcome.build = {
                "kind": journal.build.kind,
                "months": journal.build.months,
                "datasets": journal.build.datasets,
                "warnings": [asdict(each) for each in journal.build.warnings],
            }
    outcome.sources = [_row(reports[each.dataset.id]) for each in observations]
    _conclude(house, outcome, list(reports.values()))
    return outcome


def _is_served(house: House) -> bool:
    """Return whether the served file shows the lake as it is now."""
    from dataelec_assets.warehouse.publish import is_up_to_date

    return is_up_to_date(house)


def _has_content(house: House) -> bool:
    """Return whether anything was ever loaded: a file of empty tables would look like an answer."""
    return any(house.parquet.index(dataset) for dataset in house.catalog.values())


def _row(report: SourceReport) -> dict[str, Any]:
    return {
        "dataset_id": report.dataset_id,
        "outcome": report.outcome,
        "fetched": len(report.fetched),
        "changed": len(report.changed),
        "rows": report.rows,
        "version": report.version,
        "reasons": {each.partition: each.reason for each in report.fetched},
        "warnings": report.warnings,
        "error": report.error,
    }


def _conclude(house: House, outcome: RefreshOutcome, reports: Sequence[SourceReport]) -> None:
    from dataelec_assets.warehouse.publish import read_publication

    served = read_publication(house.paths.served_file)
    if outcome.build is not None:
        findings = outcome.build["warnings"]
        outcome.lines.append(
            f"Built: {outcome.build['kind']} ({len(outcome.build['datasets'])} data sets, "
            f"{len(outcome.build['months'])} months); {len(findings)} check(s) have a warning."
        )
        outcome.lines.extend(f"  {each['unique_id'].split('.')[2]}: {each['failures']} row(s)" for each in findings)
    if served is not None:
        outcome.publication = {
            "publication_id": served.publication_id,
            "published_at": served.published_at,
            "synthetic": served.synthetic,
            "path": str(served.path),
            "tables": served.tables,
        }
        marked = " (synthetic data)" if served.synthetic else ""
        outcome.lines.append(f"Served{marked}: {served.path} (publication {served.publication_id}).")
    outcomes = {report.outcome for report in reports}
    if served is None:
        outcome.lines.append("Nothing is served: no data set could be loaded.")
        outcome.exit_code = EXIT_NOTHING
    elif "failed" in outcomes:
        outcome.exit_code = EXIT_PARTIAL
    elif "absent" in outcomes:
        outcome.exit_code = EXIT_ABSENT


def house_status(house: House | None = None) -> tuple[list[dict[str, Any]], list[str]]:
    """Return one row per source from the lake alone, and closing words on what is served."""
    from dataelec_assets.warehouse.publish import read_publication

    house = house or House(load_settings())
    rows = []
    for dataset in house.catalog.values():
        state, index = load_state(house.paths, dataset), house.parquet.index(dataset)
        measured = [info.last_measured for info in index.values() if info.last_measured]
        rows.append(
            {
                "dataset_id": dataset.id,
                "status": state.status,
                "partitions": len(index),
                "rows": sum(info.rows for info in index.values()),
                "last_measured": max(measured, default=None),
                "checked_at": state.checked_at,
                "version": state.version,
                "observed": state.observed,
                "message": state.message,
            }
        )
    served = read_publication(house.paths.served_file)
    lines = [f"{row['dataset_id']}: {row['message']}" for row in rows if row["message"]]
    if served is None:
        lines.append("Nothing is served yet: run `dataelec refresh`.")
    else:
        marked = " (synthetic data)" if served.synthetic else ""
        when = f"{served.published_at:%Y-%m-%d %H:%M} UTC"
        lines.append(f"Served{marked}: {served.path}, publication {served.publication_id} of {when}.")
    return rows, lines


def rebuild_house(house: House | None = None) -> list[str]:
    """Make the lake's Parquet and the warehouse again from the raw vintages.

    Raises:
        DataElecError: a vintage does not fit the contract, or the build failed.
    """
    from dataelec_assets.orchestration.resources import Journal
    from dataelec_assets.orchestration.runs import Runs

    house = house or House(load_settings())
    journal = Journal(from_scratch=True)
    runs = Runs(house, journal)
    for dataset in house.catalog.values():
        runs.ingest(dataset, house.raw.partitions(dataset), with_raw=False)
    faults = [report.error for report in journal.sources.values() if report.error]
    if faults:
        raise LakeError(" ".join(faults), advice="The served file is unchanged.")
    runs.build()
    copies = sum(len(each.rebuilt) for each in journal.copies)
    lines = [f"Rebuilt {copies} Parquet partitions from raw and every table."]
    if journal.publication is not None:
        lines.append(f"Served: {journal.publication.path} (publication {journal.publication.publication_id}).")
    return lines


def diagnose(house: House | None = None) -> list[dict[str, str]]:
    """Return one row per check of the installation: ``ok``, ``note`` or ``fault``, with what to do."""
    rows: list[dict[str, str]] = []

    def add(check: str, result: str, detail: str) -> None:
        rows.append({"check": check, "result": result, "detail": detail})

    add("python", "ok", f"{platform.python_version()}")
    for package in ("dagster", "dbt-core", "dbt-duckdb", "duckdb", "pyarrow"):
        add(package, "ok", version(package))
    try:
        house = house or House(load_settings())
    except SettingsError as error:
        add("settings", "fault", str(error))
        return rows
    add("settings", "ok", f"lake {house.paths.root}")
    root = next(each for each in (house.paths.root, *house.paths.root.parents) if each.exists())
    writable = os.access(root, os.W_OK)
    add(
        "lake",
        "ok" if writable else "fault",
        "writable" if writable else f"{root} is not writable: change DATAELEC_LAKE",
    )
    free = shutil.disk_usage(root).free
    add("disk", "ok" if free > _ENOUGH_BYTES else "note", f"{free / 1e9:.0f} GB free")
    for dataset in list(house.catalog.values())[:1]:
        _diagnose_portal(house, dataset, add)
    try:
        from dataelec_assets.warehouse.publish import read_publication

        served = read_publication(house.paths.served_file)
        add(
            "served file",
            "ok" if served else "note",
            str(served.path) if served else "none yet: run `dataelec refresh`",
        )
    except DataElecError as error:
        add("served file", "fault", str(error))
    return rows


def _diagnose_portal(house: House, dataset: Dataset, add: Any) -> None:
    url = house.settings.portal_url(dataset.portal)
    try:
        with house.client(dataset) as client:
            client.metadata(dataset.id)
        add(f"portal {dataset.portal}", "ok", f"{url} answers")
    except DataElecError as error:
        add(f"portal {dataset.portal}", "fault", str(error))
