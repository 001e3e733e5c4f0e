"""The report as an asset, and the sensor that asks for it when it is behind the publication.

The ``refresh`` job makes it after the publication, which neither waits for drawings nor fails with them
(docs/decisions/0015); the sensor asks for it after refreshes of the command line.
"""

import base64
from collections.abc import Iterator
from typing import TYPE_CHECKING

import dagster as dg

from dataelec_assets.defs import events
from dataelec_assets.defs.asset_keys import PUBLICATION, REPORT
from dataelec_assets.defs.automation import AUTOMATION, BY_REPORT
from dataelec_assets.defs.freshness import OWNERS
from dataelec_assets.errors import BusyError, DataElecError
from dataelec_assets.lake.locks import freshen, refreshing
from dataelec_assets.run_context import RunContext

# The report draws with pandas, which a process that draws none does not import.
if TYPE_CHECKING:
    from dataelec_assets.serving.report import Report

REPORT_JOB = "report"
PAGES_CHECK = "pages_autonomes"

# How often the sensor compares; a comparison opens the served file and one page.
_TICK_SECONDS = 60


@dg.asset(
    key=REPORT,
    deps=[PUBLICATION],
    description="Rapport en français : pages autonomes, faites du seul fichier servi, remplacées d'un coup.",
    group_name="publication",
    kinds={"html", "altair"},
    owners=OWNERS,
    metadata={AUTOMATION: BY_REPORT},
    check_specs=[
        dg.AssetCheckSpec(
            PAGES_CHECK,
            asset=REPORT,
            description="Chaque page se suffit (ni adresse externe, ni script d'ailleurs), est en français, et a un "
            "tableau sous chaque graphique.",
        )
    ],
)
def report_asset(
    context: dg.AssetExecutionContext, ctx: dg.ResourceParam[RunContext]
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Make the pages of the present publication, or say that they are there."""
    from dataelec_assets.serving.report import make_report

    try:
        report = make_report(ctx)
    except DataElecError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
    summary = {}
    if not report.is_new:
        context.log.info("Nothing to do: the pages show publication %s already.", report.publication_id)
        summary = events.verified(ctx.now())
    yield from events.as_results(context, of_report(ctx, report), {REPORT: summary})


def of_report(ctx: RunContext, report: "Report") -> Iterator[events.Event]:
    """Yield the pages that were made, and whether each suffices to itself."""
    from dataelec_assets.serving.report import faults_of

    if report.is_new:
        yield dg.AssetMaterialization(
            REPORT, metadata=_metadata(ctx, report), tags={events.DATA_VERSION: report.version}
        )
    faults = faults_of(report.path, report.territories.written)
    yield dg.AssetCheckEvaluation(
        asset_key=REPORT,
        check_name=PAGES_CHECK,
        passed=not faults,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={name: "; ".join(found[:10]) for name, found in faults.items()},
        blocking=False,
    )


def _metadata(ctx: RunContext, report: "Report") -> dict[str, dg.MetadataValue]:
    from dataelec_assets.serving.report import previews

    shown: dict[str, dg.MetadataValue] = {
        "page": dg.MetadataValue.path(str(report.index)),
        "pages": dg.MetadataValue.int(len(report.pages)),
        "territoires_ecrits": dg.MetadataValue.int(len(report.territories.written)),
        "territoires_repris": dg.MetadataValue.int(report.territories.kept),
        "publication_id": dg.MetadataValue.text(report.publication_id),
        "est_synthetique": dg.MetadataValue.bool(report.synthetic),
    }
    for name, (title, picture) in previews(ctx.paths.served_file).items():
        encoded = base64.b64encode(picture).decode("ascii")
        shown[f"apercu_{name}"] = dg.MetadataValue.md(f"![{title}](data:image/png;base64,{encoded})")
    return shown


def report_job() -> "dg.UnresolvedAssetJobDefinition":
    """Return the job that makes the report."""
    return dg.define_asset_job(
        REPORT_JOB,
        selection=dg.AssetSelection.assets(REPORT),
        description="Refait le rapport, s'il ne montre pas ce qui est servi.",
    )


def report_behind() -> dg.SensorDefinition:
    """Return the sensor; off until it is switched on in the UI."""

    @dg.sensor(
        name="report_behind",
        job_name=REPORT_JOB,
        minimum_interval_seconds=_TICK_SECONDS,
        description="Compare le rapport à ce qui est servi, et demande une exécution quand il est en retard.",
    )
    def sensor(ctx: dg.ResourceParam[RunContext]) -> dg.RunRequest | dg.SkipReason:
        from dataelec_assets.serving.report import is_current, wanted

        try:
            with refreshing(ctx.paths):
                freshen(ctx.paths)
                if is_current(ctx):
                    return dg.SkipReason("The report shows what is served.")
                # One run per publication: pages that cannot be made are asked for again when something has changed.
                return dg.RunRequest(run_key=wanted(ctx), tags={"dataelec/cause": "sensor report_behind"})
        except BusyError:
            return dg.SkipReason("A refresh is running.")

    return sensor
