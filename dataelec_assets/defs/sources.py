"""Source files: external assets at the portals, observed, never materialised."""

from collections.abc import Callable, Iterator

import dagster as dg

from dataelec_assets.catalog import Catalog, Dataset
from dataelec_assets.catalog.evidence import unverified_in_french, verified_in_french
from dataelec_assets.defs.asset_keys import page_of, source_key
from dataelec_assets.defs.automation import AUTOMATION, by_cadence
from dataelec_assets.defs.events import of_observation
from dataelec_assets.defs.freshness import OWNERS
from dataelec_assets.defs.labels import CADENCES, span_text, stopped_text
from dataelec_assets.defs.partitions import partitions_of
from dataelec_assets.defs.subjects import Subjects
from dataelec_assets.ingest.observe import observe_sources
from dataelec_assets.lake.calendar import TABLES
from dataelec_assets.lake.quarantine import QUARANTINE
from dataelec_assets.run_context import RunContext


def source_spec(dataset: Dataset, subject: str) -> dg.AssetSpec:
    """Return the spec of one source file, in the group of its subject."""
    return dg.AssetSpec(
        source_key(dataset),
        description=f"{dataset.title} : le fichier au portail, publié par {dataset.publisher} ; observé, jamais écrit."
        + (f" {dataset.warning}" if dataset.warning else ""),
        group_name=subject,
        kinds={dataset.info.api},
        owners=OWNERS,
        partitions_def=partitions_of(dataset),
        metadata={
            "page": page_of(dataset),
            "jeu_de_donnees": dataset.id,
            "portail": dataset.portal,
            "licence": dataset.licence,
            **({"conditions": dataset.info.conditions} if dataset.info.conditions else {}),
            "quota": dataset.info.quota or "inconnu",
            "verifie": verified_in_french(dataset.knowledge),
            "non_verifie": unverified_in_french(dataset.knowledge) or "rien",
            "cadence": CADENCES[dataset.cadence],
            AUTOMATION: by_cadence(dataset),
            "retard_attendu": span_text(dataset.expected_lag)
            if dataset.history_end is None
            else stopped_text(dataset.history_end),
        },
    )


def own_specs() -> list[dg.AssetSpec]:
    """Return the specs of the files that come from no portal: calendars of Python packages, and the quarantine."""
    texts = {
        "jours_feries": "Jours fériés, du paquet Python holidays ; refaits quand le paquet change.",
        "vacances_scolaires": "Vacances scolaires du passé, du paquet Python vacances-scolaires-france.",
    }
    return [
        dg.AssetSpec(
            dg.AssetKey(["lake", table]),
            description=texts[table],
            group_name="calendrier",
            kinds={"parquet"},
            owners=OWNERS,
        )
        for table in TABLES
    ] + [
        dg.AssetSpec(
            dg.AssetKey(["lake", QUARANTINE]),
            description="Versions brutes qu'un contrôle a écartées, et celles qui sont servies malgré lui.",
            group_name="qualite",
            kinds={"parquet"},
            owners=OWNERS,
        )
    ]


def observable_sources(catalog: Catalog, subjects: Subjects) -> dg.AssetsDefinition:
    """Return one observation for all source files.

    The data version of a source is the portal's version; that of a partition, its fingerprint. Partitions are recorded
    when they have moved against the lake.
    """
    by_key = {source_key(dataset): dataset for dataset in catalog.values()}

    def observe(context: dg.AssetExecutionContext, ctx: dg.ResourceParam[RunContext]) -> Iterator[dg.ObserveResult]:
        datasets = [by_key[key] for key in sorted(context.selected_asset_keys)]
        for observation in observe_sources(ctx, datasets):
            report = observation.report
            if report.error is not None:
                # A portal that does not answer never holds back the observation of the others.
                context.log.warning(report.error)
            for event in of_observation(observation):
                if isinstance(event, dg.AssetObservation) and event.partition is None:
                    yield dg.ObserveResult(
                        asset_key=event.asset_key,
                        data_version=dg.DataVersion(report.version or ""),
                        metadata=event.metadata,
                    )
                else:
                    context.log_event(event)

    decorate: Callable[[Callable[..., object]], dg.AssetsDefinition] = dg.multi_observable_source_asset(
        name="observe_sources",
        specs=[source_spec(dataset, subjects.of_dataset(dataset)) for dataset in catalog.values()],
        can_subset=True,
    )
    return decorate(observe)
