"""``meta_publication`` and ``meta_sources``: what a served file says of itself and of its sources."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import duckdb

from dataelec_assets.catalog import Dataset
from dataelec_assets.catalog.evidence import unverified_in_french, verified_in_french
from dataelec_assets.database import literal
from dataelec_assets.lake.partition_index import span_of
from dataelec_assets.lake.quarantine import Hold
from dataelec_assets.lake.state import load_state
from dataelec_assets.run_context import Off, RunContext
from dataelec_assets.warehouse.holds import in_force

META_TABLES = ("meta_publication", "meta_sources")

META_COMMENTS = {
    "TABLE meta_publication": "Une ligne : la publication que contient ce fichier.",
    "COLUMN meta_publication.publication_id": "Identifie le contenu : même contenu, même identifiant.",
    "COLUMN meta_publication.publiee_a": "Instant (UTC) où ce contenu a été servi pour la première fois.",
    "COLUMN meta_publication.version_code": "Version du projet et condensé de ses modèles.",
    "COLUMN meta_publication.est_synthetique": "Vrai quand une source au moins est inventée (démonstration).",
    "TABLE meta_sources": "Une ligne par source du catalogue : ce qui a été vu, chargé, et jusqu'où.",
    "COLUMN meta_sources.version_observee": "Version du portail (data_processed) vue en dernier.",
    "COLUMN meta_sources.version_chargee": "Version du portail dont tout le contenu est ici.",
    "COLUMN meta_sources.lignes": "Lignes dans le lac.",
    "COLUMN meta_sources.premiere_mesure": "Plus ancien jour ou instant (ISO).",
    "COLUMN meta_sources.derniere_mesure": "Plus récent jour ou instant (ISO) dont la mesure principale existe.",
    "COLUMN meta_sources.statut": "À jour, en retard sur le portail, absente du portail, en échec, jamais chargée ou "
    "sans clé (facultative, portail non interrogé), exclue d'un usage commercial, importée par ses propriétaires, "
    "non demandée, ou "
    "en réserve (interrogée quand le jeu qu'elle supplée manque plus longtemps que sa cadence, ou sur demande).",
    "COLUMN meta_sources.partitions_en_quarantaine": "Partitions qui ne sont pas servies telles que reçues "
    "(meta_quarantaine dit lesquelles et pourquoi).",
    "COLUMN meta_sources.lignes_non_chargees": "Lignes montrées par le portail et non chargées, faute de jour, "
    "d'instant ou d'année possible ; 0 quand tout est ici.",
    "COLUMN meta_sources.quota": "Appels que le portail accorde à une adresse ; nul quand on l'ignore.",
    "COLUMN meta_sources.conditions": "Ce qui lie l'usage des données, au-delà de la licence ; nul sans condition.",
    "COLUMN meta_sources.verifie": "Ce que le catalogue affirme de la source (adresse, colonnes, unités, historique, "
    "cadence, licence, quota) et qui est établi, avec par quoi et de quand.",
    "COLUMN meta_sources.non_verifie": "Ce qu'il en affirme et que rien de lu n'établit ; nul quand tout l'est.",
}

_STATUSES = {
    "fresh": "à jour",
    "stale": "en retard sur le portail",
    "absent": "absente du portail",
    "failed": "en échec",
    "never": "jamais chargée",
}
# Portals that are not asked.
_OFF: dict[Off, str] = {
    "no key": "sans clé",
    "non-commercial": "exclue d'un usage commercial",
    "standby": "en réserve",
    "local": "importée par ses propriétaires",
    "not asked for": "non demandée",
}
# Nobody has anything to do about these.
STATUSES_AT_REST = (_STATUSES["fresh"], *_OFF.values())
# Of a lake that was restored without its states.
_UNCHECKED = "chargée, portail non interrogé"


SourceRow = tuple[str | int | None, ...]


def source_rows(ctx: RunContext) -> list[SourceRow]:
    """Return one row of ``meta_sources`` per data set of the catalogue."""
    held = in_force(ctx)
    return [_source_row(ctx, dataset, held) for dataset in ctx.catalog.values()]


def _source_row(ctx: RunContext, dataset: Dataset, held: Sequence[Hold]) -> SourceRow:
    state, index = load_state(ctx.paths, dataset), ctx.parquet.index(dataset)
    first, last = span_of(dataset, index)
    status = _UNCHECKED if index and state.status == "never" else _STATUSES[state.status]
    return (
        dataset.portal,
        dataset.id,
        dataset.title,
        dataset.publisher,
        dataset.licence,
        state.observed,
        state.version,
        sum(info.rows for info in index.values()),
        first,
        last,
        _OFF[why] if (why := ctx.why_off(dataset)) else status,
        len({each.partition for each in held if each.dataset_id == dataset.id and not each.accepted}),
        state.not_loaded or 0,
        dataset.info.quota,
        dataset.info.conditions,
        verified_in_french(dataset.knowledge),
        unverified_in_french(dataset.knowledge) or None,
    )


def write_meta_tables(
    connection: duckdb.DuckDBPyConnection,
    sources: list[SourceRow],
    publication: tuple[str, datetime, str, bool],
) -> None:
    """Create both tables, with their comments.

    Args:
        connection: of the file that is about to be served.
        sources: as :func:`source_rows` returns them.
        publication: identifier, when it was first served (UTC), version of the code, whether a source is synthetic.
    """
    connection.execute(
        "CREATE TABLE meta_publication (publication_id VARCHAR, publiee_a TIMESTAMPTZ, version_code VARCHAR, "
        "est_synthetique BOOLEAN)"
    )
    connection.execute("INSERT INTO meta_publication VALUES (?, ?, ?, ?)", list(publication))
    connection.execute(
        "CREATE TABLE meta_sources (portail VARCHAR, jeu_de_donnees VARCHAR, titre VARCHAR, producteur VARCHAR, "
        "licence VARCHAR, version_observee TIMESTAMPTZ, version_chargee TIMESTAMPTZ, lignes BIGINT, "
        "premiere_mesure VARCHAR, derniere_mesure VARCHAR, statut VARCHAR, partitions_en_quarantaine INTEGER, "
        "lignes_non_chargees BIGINT, quota VARCHAR, conditions VARCHAR, verifie VARCHAR, non_verifie VARCHAR)"
    )
    # One statement for all rows and one for all comments: each costs as much as a table.
    row = f"({', '.join('?' * len(sources[0]))})"
    connection.execute(
        f"INSERT INTO meta_sources VALUES {', '.join([row] * len(sources))}",
        [cell for each in sources for cell in each],
    )
    connection.execute("; ".join(f"COMMENT ON {name} IS {literal(text)}" for name, text in META_COMMENTS.items()))
