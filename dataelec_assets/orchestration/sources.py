"""Source files: external assets at the portals, observed, never materialised."""

from collections.abc import Callable, Iterator

import dagster as dg

from dataelec_assets.catalog import Catalog, Dataset
from dataelec_assets.errors import SourceError
from dataelec_assets.house import House
from dataelec_assets.orchestration.asset_keys import source_key


def source_spec(dataset: Dataset) -> dg.AssetSpec:
    """Return the spec of one source file."""
    return dg.AssetSpec(
        source_key(dataset),
        description=f"{dataset.title}, tel que publié par {dataset.publisher}."
        + (f" {dataset.warning}" if dataset.warning else ""),
        group_name="sources",
        kinds={"opendatasoft"},
        metadata={
            "jeu_de_donnees": dataset.id,
            "portail": dataset.portal,
            "licence": dataset.licence,
            "cadence": dataset.cadence,
            "retard_attendu_jours": dataset.expected_lag.total_seconds() / 86_400,
        },
    )


def observable_sources(catalog: Catalog) -> dg.AssetsDefinition:
    """Return one observation for all source files: the portal's version is their data version."""
    by_key = {source_key(dataset): dataset for dataset in catalog.values()}

    def observe_sources(
        context: dg.AssetExecutionContext, house: dg.ResourceParam[House]
    ) -> Iterator[dg.ObserveResult]:
        for key in sorted(context.selected_asset_keys):
            dataset = by_key[key]
            try:
                with house.client(dataset) as client:
                    metadata = client.metadata(dataset.id)
            except SourceError as error:
                # A portal that does not answer never holds back the observation of the others.
                context.log.warning(str(error))
                continue
            version = metadata.data_processed.isoformat()
            yield dg.ObserveResult(
                asset_key=key,
                data_version=dg.DataVersion(f"{version}/{metadata.records_count}"),
                metadata={"version_du_portail": version, "lignes": metadata.records_count},
            )

    decorate: Callable[[Callable[..., object]], dg.AssetsDefinition] = dg.multi_observable_source_asset(
        name="observe_sources", specs=[source_spec(dataset) for dataset in catalog.values()], can_subset=True
    )
    return decorate(observe_sources)
