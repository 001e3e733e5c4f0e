"""What a refresh did, ready to print: rows, closing words, exit code. What the commands that refresh share."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from dataelec_assets.catalog import PORTALS, Dataset
from dataelec_assets.commands.complaints import complaints
from dataelec_assets.errors import WrongUsage
from dataelec_assets.ingest.cadence import LONGEST_RETRY
from dataelec_assets.ingest.freshness import describe_span
from dataelec_assets.ingest.observe import Observation
from dataelec_assets.ingest.reports import SourceReport
from dataelec_assets.lake.state import load_state
from dataelec_assets.nearest import did_you_mean
from dataelec_assets.portals.progress import progress_on
from dataelec_assets.run_context import Off, RunContext
from dataelec_assets.warehouse.holds import describe_holds, in_force
from dataelec_assets.warehouse.kept_tables import kept_tables
from dataelec_assets.warehouse.publication import Publication, read_publication

if TYPE_CHECKING:
    from dataelec_assets.pipeline import Outcome

# Exit codes of `dataelec refresh`, documented in docs/reference/commands.md.
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
        remarks: what went wrong with sources.
        exit_code: of the command.
    """

    sources: list[dict[str, Any]]
    build: dict[str, Any] | None = None
    publication: dict[str, Any] | None = None
    quarantine: list[dict[str, Any]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    exit_code: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Return everything but what is said in sentences."""
        return {
            "sources": self.sources,
            "build": self.build,
            "publication": self.publication,
            "quarantine": self.quarantine,
        }


def chosen(ctx: RunContext, ids: Sequence[str] | None) -> list[Dataset]:
    """Return the data sets with these ids; all of them for None.

    Raises:
        WrongUsage: an id is not in the catalogue.
    """
    unknown = [each for each in ids or () if each not in ctx.catalog]
    if unknown:
        raise WrongUsage(
            f"Unknown data set {', '.join(unknown)}.",
            advice=f"{did_you_mean(unknown[0], ctx.catalog)} `dataelec status --all` lists every one.",
        )
    return [ctx.catalog[each] for each in ids] if ids else list(ctx.catalog.values())


def run_job(
    ctx: RunContext,
    cause: str,
    *,
    known: Sequence[Observation] = (),
    quiet: bool = False,
    **wanted: Any,
) -> Outcome:
    """Do what is to be done in one run of Dagster's job `refresh`; the caller holds the lock of refreshes.

    Args:
        ctx: settings and folders.
        cause: the command, shown with the run in the UI.
        known: what portals said a moment ago; the run does not ask these again.
        quiet: show no progress.
        wanted: configuration of the run, see :class:`dataelec_assets.defs.steps.RefreshConfig`.

    Raises:
        DataElecError: nothing new could be published.
    """
    # Dagster and dbt cost seconds to import: a refresh without work does not.
    from dataelec_assets.defs.runs import Runs
    from dataelec_assets.defs.steps import RefreshConfig

    with progress_on(sys.stderr, quiet=quiet) as progress:
        runs = Runs(ctx, progress, {each.dataset.id: each for each in known})
        return runs.refresh(RefreshConfig(report=False, **wanted), cause)


def why_not_asked(dataset: Dataset, why: Off) -> str:
    """Return what to say of a source that was asked for and is off."""
    if why == "local":
        return f"{dataset.id} was not asked: it holds what `dataelec import-indicators` brings in."
    if why == "standby":
        return f"{dataset.id} was not asked: it stands in for {dataset.stands_in_for}, which is not away."
    if why == "not asked for":
        return (
            f"{dataset.id} was not asked: it stands in where commercial use leaves out Open-Meteo; set "
            f"DATAELEC_{dataset.portal.upper()}=1 to have it all the same."
            if dataset.info.in_place_of
            else f"{dataset.id} was not asked: the folder has no {dataset.portal}/."
        )
    if why == "non-commercial":
        return (
            f"{dataset.id} was not asked: without the key of a paid plan the terms of {dataset.info.name} exclude "
            "commercial use (DATAELEC_COMMERCIAL)."
        )
    return (
        f"{dataset.id} was not asked: {dataset.info.name} needs a key; set DATAELEC_{dataset.portal.upper()}_KEY and "
        "run the command again."
    )


def build_row(done: Outcome) -> dict[str, Any] | None:
    """Return what was built; None when nothing was."""
    if done.built is None or done.built.report.kind == "nothing":
        return None
    report = done.built.report
    return {
        "kind": report.kind,
        "months": report.months,
        "datasets": report.datasets,
        "warnings": [asdict(each) for each in report.warnings],
        "unmoved": report.unmoved,
        "kept": dict(done.built.kept),
    }


def named(dataset_id: str, message: str) -> str:
    """Return a message that names its data set; most faults do already."""
    return message if message.startswith(dataset_id) else f"{dataset_id}: {message}"


def row_of(report: SourceReport) -> dict[str, Any]:
    """Return what became of a source."""
    return {
        "dataset_id": report.dataset_id,
        "outcome": report.outcome,
        "fetched": len(report.fetched),
        "changed": len(report.changed),
        "rows": report.rows,
        "version": report.version,
        "reasons": {each.partition: each.reason for each in report.fetched},
        "not_loaded": report.not_loaded,
        "missing": report.missing,
        "warnings": report.warnings,
        "error": report.error,
    }


def publication_row(served: Publication) -> dict[str, Any]:
    """Return what is served."""
    return {
        "publication_id": served.publication_id,
        "published_at": served.published_at.isoformat(),
        "synthetic": served.synthetic,
        "path": str(served.path),
        "tables": served.tables,
    }


def conclude(ctx: RunContext, outcome: RefreshOutcome, reports: Sequence[SourceReport]) -> None:
    """Add what is served, what is held back, the closing words and the exit code."""
    served = read_publication(ctx.paths.served_file)
    outcome.remarks.extend(
        complaints(
            ctx,
            (
                (row["dataset_id"], text)
                for row in outcome.sources
                for text in (*row["warnings"], *filter(None, [row["error"]]))
            ),
        )
    )
    if outcome.build is not None:
        findings = outcome.build["warnings"]
        outcome.lines.append(
            f"Built: {outcome.build['kind']} ({len(outcome.build['datasets'])} data sets, "
            f"{len(outcome.build['months'])} months); {len(findings)} check(s) have a warning."
        )
        outcome.lines.extend(f"  {each['unique_id'].split('.')[2]}: {each['failures']} row(s)" for each in findings)
        if unmoved := outcome.build["unmoved"]:
            outcome.lines.append(
                f"Left alone: {len(unmoved)} model(s) whose rows cannot have moved ({', '.join(unmoved[:3])}, …)."
            )
    if served is not None:
        outcome.publication = publication_row(served)
        marked = " (synthetic data)" if served.synthetic else ""
        outcome.lines.append(f"Served{marked}: {served.path} (publication {served.publication_id}).")
    outcome.quarantine = [asdict(each) for each in in_force(ctx)]
    outcome.lines.extend(doubts(ctx))
    if served is None:
        outcome.lines.append("Nothing is served: no data set could be loaded.")
        outcome.exit_code = EXIT_NOTHING
    else:
        outcome.exit_code = exit_code(ctx, reports)


def doubts(ctx: RunContext) -> list[str]:
    """Return what the user should know: outages, partitions in quarantine, tables that stay as they were, and why."""
    lines = [*outages(ctx), *stand_ins(ctx), *describe_holds(ctx, in_force(ctx))]
    kept: dict[str, list[str]] = {}
    for table, reason in kept_tables(ctx.paths.served_file).items():
        kept.setdefault(reason, []).append(table)
    lines.extend(
        f"{len(tables)} table(s) stay as they were last published ({', '.join(tables[:3])}"
        f"{', …' if len(tables) > 3 else ''}): {reason}. The next refresh tries again."  # noqa: PLR2004 - as shown
        for reason, tables in kept.items()
    )
    return lines


def outages(ctx: RunContext) -> list[str]:
    """Return a line for each portal that has failed for longer than it is waited for, since when."""
    since: dict[str, list[datetime]] = {}
    for dataset in ctx.catalog.values():
        state = load_state(ctx.paths, dataset)
        if state.status == "failed" and state.failing_since is not None:
            since.setdefault(dataset.portals[0], []).append(datetime.fromisoformat(state.failing_since))
    return [
        f"{PORTALS[portal].name} has failed since {min(begins):%Y-%m-%d %H:%M} UTC "
        f"({describe_span(ctx.now() - min(begins))}), {len(begins)} data set(s): what was loaded before stays served; "
        f"it is asked again every {describe_span(LONGEST_RETRY)}."
        for portal, begins in since.items()
        if ctx.now() - min(begins) > LONGEST_RETRY
    ]


def stand_ins(ctx: RunContext) -> list[str]:
    """Return a line for each data set that is asked because the one that it stands in for is away."""
    lines = []
    for dataset in ctx.catalog.values():
        if dataset.stands_in_for is None or ctx.settings.folder is not None:
            continue
        other = ctx.catalog[dataset.stands_in_for]
        if (since := ctx.away_since(other)) is not None:
            lines.append(
                f"{dataset.id} stands in for {other.id}, which has been away since {since:%Y-%m-%d %H:%M} UTC: where "
                f"both have a row, that of {other.info.name} counts."
            )
    return lines


def exit_code(ctx: RunContext, reports: Sequence[SourceReport]) -> int:
    """Return the exit code of a refresh that left something served."""
    outcomes = {
        report.outcome
        for report in reports
        if report.outcome != "absent" or not ctx.catalog[report.dataset_id].withdrawn
    }
    if "failed" in outcomes or any(report.not_loaded for report in reports) or _is_doubtful(ctx):
        return EXIT_PARTIAL
    return EXIT_ABSENT if "absent" in outcomes or any(report.missing for report in reports) else 0


def _is_doubtful(ctx: RunContext) -> bool:
    """Return whether something is not served as it arrived, unless a user has said that it may be."""
    return any(not each.accepted for each in in_force(ctx)) or bool(kept_tables(ctx.paths.served_file))
