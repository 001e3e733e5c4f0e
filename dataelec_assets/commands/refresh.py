"""What the commands do, without printing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from dataelec_assets.catalog import Dataset
from dataelec_assets.errors import LakeError, SettingsError
from dataelec_assets.ingest.audit import Audit, audit_sources
from dataelec_assets.ingest.cadence import due_at
from dataelec_assets.ingest.copies import copy_again, stale_copies
from dataelec_assets.ingest.fetch import SourceReport
from dataelec_assets.ingest.freshness import age_of
from dataelec_assets.ingest.observe import Observation, observe_sources, remembered_plan
from dataelec_assets.lake.atomic_files import refreshing
from dataelec_assets.lake.state import load_memory, load_state
from dataelec_assets.pipeline import Outcome, has_content
from dataelec_assets.portals.folder.layout import Layout
from dataelec_assets.portals.partition_filters import UNDATED, where_of
from dataelec_assets.portals.progress import progress_on
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import load_settings
from dataelec_assets.warehouse.kept_tables import kept_tables
from dataelec_assets.warehouse.publication import read_publication
from dataelec_assets.warehouse.publish import is_up_to_date
from dataelec_assets.warehouse.quarantine import accept, in_force, in_words

# Exit codes of `dataelec refresh`, documented in cli.py and in docs/reference/commands.md.
EXIT_NOTHING, EXIT_ABSENT, EXIT_PARTIAL = 1, 3, 4


@dataclass
class RefreshOutcome:
    """What a refresh did, ready to print.

    Attributes:
        sources: one row per source.
        build: what dbt did, None when there was nothing to build.
        publication: what is served, None when nothing is.
        quarantine: partitions that are not served as they arrived, one row for each rule, and tables that stay as they
            were last published.
        lines: closing words.
        exit_code: of the command.
    """

    sources: list[dict[str, Any]]
    build: dict[str, Any] | None = None
    publication: dict[str, Any] | None = None
    quarantine: list[dict[str, Any]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    exit_code: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return everything but the closing words."""
        return {
            "sources": self.sources,
            "build": self.build,
            "publication": self.publication,
            "quarantine": self.quarantine,
        }


def chosen(ctx: RunContext, ids: Sequence[str] | None) -> list[Dataset]:
    """Return the data sets with these ids; all of them for None.

    Raises:
        SettingsError: an id is not in the catalogue.
    """
    unknown = [each for each in ids or () if each not in ctx.catalog]
    if unknown:
        raise SettingsError(
            f"Unknown data set {', '.join(unknown)}.", advice=f"The catalogue has {', '.join(ctx.catalog)}."
        )
    return [ctx.catalog[each] for each in ids] if ids else list(ctx.catalog.values())


def run_refresh(
    ids: Sequence[str] | None = None,
    *,
    accept_shrink: bool = False,
    quiet: bool = False,
    thorough: bool = False,
    audit: bool = False,
    folder: Path | None = None,
    ctx: RunContext | None = None,
) -> RefreshOutcome:
    """Bring everything up to date; see :func:`dataelec_assets.cli.refresh`.

    Args:
        ids: data sets; None: all.
        accept_shrink: keep arrivals that have lost more than a quarter of their rows.
        quiet: show no progress.
        thorough: look at every Parquet partition, also where nothing has arrived.
        audit: first compare all that the lake holds with the sums of the portals.
        folder: published files to read instead of asking the portals; None: as the settings say.
        ctx: settings and folders; None: those of the environment.

    Raises:
        DataElecError: nothing new could be published.
    """
    ctx = ctx or RunContext(load_settings(folder=folder))
    datasets = chosen(ctx, ids)
    with refreshing(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        if thorough:
            for dataset in datasets:
                if stale_copies(ctx, dataset, thorough=True):
                    ctx.raw.pending(dataset.id).touch()
        audits = audit_sources(ctx, datasets) if audit else []
        observations = observe_sources(ctx, datasets)
        reports = {each.dataset.id: each.report for each in observations}
        outcome = RefreshOutcome([], lines=_audit_in_words(audits))
        if any(each.plan.stale for each in observations) or (has_content(ctx) and not is_up_to_date(ctx)):
            done = _run(ctx, observations, accept_shrink=accept_shrink, quiet=quiet, cause="dataelec refresh")
            reports, outcome.build = done.reports, _build_row(done)
        outcome.sources = [_row(reports[each.dataset.id]) for each in observations]
        outcome.lines.extend(_key_wanted(ctx.catalog[each]) for each in ids or () if reports[each].outcome == "no key")
        outcome.lines.extend(folder_findings(ctx))
        _conclude(ctx, outcome, list(reports.values()))
        return outcome


def folder_findings(ctx: RunContext) -> list[str]:
    """Return what the folder of published files holds and is not read, and what it lacks; nothing without a folder."""
    if ctx.settings.folder is None:
        return []
    return Layout(ctx.settings.folder, ctx.published_by).findings(ctx.catalog.values())


def _audit_in_words(audits: Sequence[Audit]) -> list[str]:
    if not audits:
        return []
    told = [each for each in audits if each.told and each.error is None]
    untold = [each.dataset_id for each in audits if not each.told]
    lines = [line for each in audits for line in each.lines()]
    lines.extend(_named(each.dataset_id, each.error) for each in audits if each.error is not None)
    lines.append(
        f"Audit: {sum(each.proved for each in told)} partition(s) of {len(told)} data set(s) hold what the portal sums "
        f"up, {sum(len(each.wrong) for each in told)} differ, {sum(each.moved for each in told)} have moved since."
    )
    if untold:
        lines.append(f"No sums are told of {', '.join(untold)}: length, checksum or row count are all there is.")
    return lines


def _key_wanted(dataset: Dataset) -> str:
    """Return what a user is told who asks for a source that is off."""
    return (
        f"{dataset.id} was not asked: {dataset.info.name} needs a key; set DATAELEC_{dataset.portal.upper()}_KEY and "
        "run the command again."
    )


def _run(
    ctx: RunContext,
    observations: Sequence[Observation],
    *,
    cause: str,
    accept_shrink: bool = False,
    quiet: bool = False,
    partitions: dict[str, list[str]] | None = None,
) -> Outcome:
    """Do what is to be done in one Dagster run; the caller holds the lock of refreshes."""
    # Dagster and dbt cost seconds to import: a refresh without work does not.
    from dataelec_assets.defs.resources import Journal
    from dataelec_assets.defs.runs import Runs

    with progress_on(sys.stderr, quiet=quiet) as progress:
        journal = Journal(
            progress=progress, accept_shrink=accept_shrink, observations=observations, partitions=partitions
        )
        return Runs(ctx, journal).refresh(cause)


def _build_row(done: Outcome) -> dict[str, Any] | None:
    if done.build is None or done.build.kind == "nothing":
        return None
    return {
        "kind": done.build.kind,
        "months": done.build.months,
        "datasets": done.build.datasets,
        "warnings": [asdict(each) for each in done.build.warnings],
        "unmoved": done.build.unmoved,
        "kept": dict(done.kept),
    }


def dry_run(
    ids: Sequence[str] | None = None, ctx: RunContext | None = None, *, folder: Path | None = None
) -> tuple[list[dict[str, Any]], list[str], int]:
    """Ask the portals what is stale and fetch nothing.

    Returns:
        One row per stale partition; closing words; the exit code, as of a refresh to which the portals answer the same.
    """
    ctx = ctx or RunContext(load_settings(folder=folder))
    observations = observe_sources(ctx, chosen(ctx, ids))
    rows = [
        {"dataset_id": each.dataset.id, "partition": stale.partition, "reason": stale.reason}
        for each in observations
        for stale in each.plan.stale
    ]
    lines = [_named(each.dataset.id, each.report.error) for each in observations if each.report.error]
    lines.extend(folder_findings(ctx))
    lines.append(f"{len(rows)} partition(s) of {len(observations)} data sets are stale; nothing was fetched.")
    return rows, lines, _exit_code(ctx, [each.report for each in observations])


def _named(dataset_id: str, words: str) -> str:
    """Return words that name their data set; most faults do already."""
    return words if words.startswith(dataset_id) else f"{dataset_id}: {words}"


def run_backfill(
    source: str,
    first: str,
    last: str,
    *,
    force: bool = False,
    quiet: bool = False,
    ctx: RunContext | None = None,
) -> RefreshOutcome:
    """Fetch a range of partitions of one source in one run, then build and publish.

    Partitions that the lake holds as the portal shows them are left out, so an interrupted backfill takes up where it
    stood.

    Args:
        source: id of the data set.
        first: key of the first partition (``2013-01`` or ``2013``).
        last: key of the last one, included.
        force: fetch again what the lake holds already.
        quiet: show no progress.
        ctx: settings and folders; None: those of the environment.

    Raises:
        SettingsError: the source is unknown, a key has not the form of its partitions, or the range is reversed.
        LakeError: partitions are missing afterwards.
        DataElecError: nothing new could be published.
    """
    ctx = ctx or RunContext(load_settings())
    (dataset,) = chosen(ctx, [source])
    for key in (first, last):
        try:
            where_of(dataset, key)
        except ValueError as error:
            raise SettingsError(f"{error}.", advice="Give the first and the last partition.") from error
    if first > last:
        raise SettingsError(f"{source}: {first} comes after {last}.", advice="Give the first partition, then the last.")
    with refreshing(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        (observation,) = observe_sources(ctx, [dataset])
        if observation.report.error is not None or observation.report.outcome in ("absent", "no key"):
            outcome = RefreshOutcome([_row(observation.report)])
            outcome.lines.extend([_key_wanted(dataset)] if observation.report.outcome == "no key" else [])
            _conclude(ctx, outcome, [observation.report])
            return outcome
        memory = load_memory(ctx.paths, dataset)
        asked = [key for key in sorted(memory.portal or memory.lake) if first <= key <= last and key != UNDATED]
        stale = {each.partition for each in observation.plan.to_fetch}
        wanted = [key for key in asked if force or key in stale]
        done = _run(
            ctx,
            [observation],
            cause=f"dataelec backfill {source} {first} {last}",
            quiet=quiet,
            partitions={dataset.id: wanted} if wanted else {},
        )
        outcome = RefreshOutcome([_row(done.reports[dataset.id])], build=_build_row(done))
        there = set(ctx.raw.partitions(dataset)) & set(ctx.parquet.index(dataset))
        missing = [key for key in asked if key not in there]
        outcome.lines.append(
            f"{len(asked)} partition(s) between {first} and {last} at the portal; {len(asked) - len(wanted)} were in "
            f"the lake already, {len(asked) - len(missing)} are now."
        )
        _conclude(ctx, outcome, list(done.reports.values()))
        if missing and not outcome.exit_code:
            raise LakeError(
                f"{dataset.id}: {len(missing)} partition(s) are missing after the backfill, first {missing[0]}.",
                advice="Run the command again: it takes up where this one stood.",
            )
        return outcome


def _row(report: SourceReport) -> dict[str, Any]:
    return {
        "dataset_id": report.dataset_id,
        "outcome": report.outcome,
        "fetched": len(report.fetched),
        "changed": len(report.changed),
        "rows": report.rows,
        "version": report.version,
        "reasons": {each.partition: each.reason for each in report.fetched},
        "not_loaded": report.not_loaded,
        "warnings": report.warnings,
        "error": report.error,
    }


def _conclude(ctx: RunContext, outcome: RefreshOutcome, reports: Sequence[SourceReport]) -> None:
    served = read_publication(ctx.paths.served_file)
    if outcome.build is not None:
        findings = outcome.build["warnings"]
        outcome.lines.append(
            f"Built: {outcome.build['kind']} ({len(outcome.build['datasets'])} data sets, "
            f"{len(outcome.build['months'])} months); {len(findings)} check(s) have a warning."
        )
        outcome.lines.extend(f"  {each['unique_id'].split('.')[2]}: {each['failures']} row(s)" for each in findings)
        if unmoved := outcome.build["unmoved"]:
            outcome.lines.append(
                f"Left alone: {len(unmoved)} model(s), of whose rows none can have moved ({', '.join(unmoved[:3])}, …)."
            )
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
    outcome.quarantine = [asdict(each) for each in in_force(ctx)]
    outcome.lines.extend(_doubtful(ctx))
    if served is None:
        outcome.lines.append("Nothing is served: no data set could be loaded.")
        outcome.exit_code = EXIT_NOTHING
    else:
        outcome.exit_code = _exit_code(ctx, reports)


def _doubtful(ctx: RunContext) -> list[str]:
    """Return a line for each partition in quarantine, and for each reason why tables stay as they were."""
    lines = in_words(ctx, in_force(ctx))
    kept: dict[str, list[str]] = {}
    for table, reason in kept_tables(ctx.paths.served_file).items():
        kept.setdefault(reason, []).append(table)
    lines.extend(
        f"{len(tables)} table(s) stay as they were last published ({', '.join(tables[:3])}"
        f"{', …' if len(tables) > 3 else ''}): {reason}. The next refresh tries again."  # noqa: PLR2004 - as shown
        for reason, tables in kept.items()
    )
    return lines


def _exit_code(ctx: RunContext, reports: Sequence[SourceReport]) -> int:
    outcomes = {
        report.outcome
        for report in reports
        if report.outcome != "absent" or not ctx.catalog[report.dataset_id].withdrawn
    }
    if "failed" in outcomes or any(report.not_loaded for report in reports) or _is_doubtful(ctx):
        return EXIT_PARTIAL
    return EXIT_ABSENT if "absent" in outcomes else 0


def _is_doubtful(ctx: RunContext) -> bool:
    """Return whether something is not served as it arrived, unless a user has said that it may be."""
    return any(not each.accepted for each in in_force(ctx)) or bool(kept_tables(ctx.paths.served_file))


def source_status(ctx: RunContext | None = None) -> tuple[list[dict[str, Any]], list[str]]:
    """Return one row per source from the lake alone, and closing words on what is served."""
    ctx = ctx or RunContext(load_settings())
    rows: list[dict[str, Any]] = []
    holds = in_force(ctx)
    for dataset in ctx.catalog.values():
        state, head = load_state(ctx.paths, dataset), ctx.parquet.head(dataset)
        last_measured = head.last_measured if head else None
        age, is_off = age_of(dataset, last_measured, ctx.now()), ctx.lacks_key(dataset)
        plan = remembered_plan(ctx, dataset)
        quarantine = sorted({each.partition for each in holds if each.dataset_id == dataset.id and not each.accepted})
        due = due_at(dataset, state)
        rows.append(
            {
                "dataset_id": dataset.id,
                "status": "no key" if is_off else state.status,
                "stale": len(plan.stale),
                "reasons": plan.reasons(),
                "quarantine": quarantine,
                "partitions": head.partitions if head else 0,
                "rows": head.rows if head else 0,
                "not_loaded": state.not_loaded or 0,
                "last_measured": last_measured,
                "age": age.status if head and not is_off else None,
                "age_detail": age.words if head and not is_off else None,
                "checked_at": state.checked_at,
                "next_check": due.isoformat() if due and not is_off else None,
                "failures": state.failures,
                "version": state.version,
                "observed": state.observed,
                "message": None if is_off else state.message,
            }
        )
    served = read_publication(ctx.paths.served_file)
    lines = [_named(row["dataset_id"], row["message"]) for row in rows if row["message"]]
    lines.extend(_doubtful(ctx))
    lines += [
        f"{row['dataset_id']}: {row['not_loaded']} row(s) at the portal are not loaded; `dataelec refresh` says why."
        for row in rows
        if row["not_loaded"]
    ]
    if served is None:
        lines.append("Nothing is served yet: run `dataelec refresh`.")
    else:
        marked = " (synthetic data)" if served.synthetic else ""
        when = f"{served.published_at:%Y-%m-%d %H:%M} UTC"
        lines.append(f"Served{marked}: {served.path}, publication {served.publication_id} of {when}.")
    return rows, lines


def run_accept(source: str, partition: str, ctx: RunContext | None = None) -> RefreshOutcome:
    """Take what is in quarantine of a partition as it is, then build and publish.

    Args:
        source: id of the data set.
        partition: its key.
        ctx: settings and folders; None: those of the environment.

    Raises:
        SettingsError: the source is unknown, or nothing of the partition is in quarantine.
        DataElecError: nothing new could be published.
    """
    ctx = ctx or RunContext(load_settings())
    chosen(ctx, [source])
    with refreshing(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        accept(ctx, partial(copy_again, ctx), source, partition)
        done = _run(ctx, [], cause=f"dataelec accept {source} {partition}", quiet=True)
        outcome = RefreshOutcome([], build=_build_row(done))
        _conclude(ctx, outcome, [])
        return outcome


def write_report(ctx: RunContext | None = None) -> list[str]:
    """Make the report of what is served, unless it is there; return closing words.

    Raises:
        DataElecError: nothing is served, or another process holds the lake for too long.
    """
    from dataelec_assets.serving.report import make_report

    report = make_report(ctx or RunContext(load_settings()))
    marked = " (synthetic data)" if report.synthetic else ""
    done = "Made" if report.is_new else "Up to date"
    return [f"{done}{marked}: {report.index}, {len(report.pages)} pages (publication {report.publication_id})."]


def run_rebuild(ctx: RunContext | None = None) -> list[str]:
    """Make the lake's Parquet and the warehouse again from the raw vintages.

    Raises:
        DataElecError: a vintage does not fit the contract, or the build failed.
    """
    from dataelec_assets.defs.resources import Journal
    from dataelec_assets.defs.runs import Runs

    ctx = ctx or RunContext(load_settings())
    with refreshing(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        done = Runs(ctx, Journal(from_scratch=True)).refresh("dataelec rebuild")
    copies = sum(len(each.rebuilt) for each in done.copies)
    lines = [f"Rebuilt {copies} Parquet partitions from raw and every table."]
    if done.publication is not None:
        lines.append(f"Served: {done.publication.path} (publication {done.publication.publication_id}).")
    return lines
