"""What makes each asset be renewed, shown with it: our rule is a level, not one of Dagster's conditions.

Dagster's automation conditions react to changes, so an update whose run failed would not be asked for again
(docs/decisions/0010). The sensor ``stale_sources`` compares instead, and the UI shows its rule as metadata.
"""

from __future__ import annotations

from dataelec_assets.catalog import Dataset
from dataelec_assets.defs.labels import CADENCES

AUTOMATION = "automatisation"

BY_REFRESH = (
    "Par le capteur `stale_sources` ou un horaire, dans une exécution de `refresh` : construite quand une de ses "
    "sources a bougé dans le lac. Pas de condition Dagster : ce qui a échoué reste périmé et est redemandé."
)
BY_PUBLICATION = "Par chaque exécution de `refresh` qui a construit des tables ; sinon par `warehouse`."
BY_REPORT = "Par `refresh` après la publication, ou par le capteur `report_behind` quand les pages sont en retard."


def by_cadence(dataset: Dataset) -> str:
    """Return when the sensor asks for a data set."""
    if dataset.stands_in_for is not None:
        return (
            f"En réserve. Par le capteur `stale_sources`, {CADENCES[dataset.cadence]}, tant que "
            f"`{dataset.stands_in_for}` manque depuis plus longtemps que sa cadence ; ou en lançant cet actif."
        )
    return (
        f"Par le capteur `stale_sources` : le portail est interrogé {CADENCES[dataset.cadence]}, et seules les "
        "partitions qui ont bougé sont renouvelées."
    )
