"""From warehouse to served file: a copy with tables only, put in place by one rename.

Readers see the old file or the new one, never half of one; a file opened before the rename goes on answering.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import duckdb

from dataelec_assets import __version__
from dataelec_assets.catalog import Dataset
from dataelec_assets.database import MEMORY_LIMIT, STORAGE_VERSION, connect
from dataelec_assets.errors import LakeError, WarehouseError
from dataelec_assets.lake.atomic_files import exclusive, move_into_place, point_to, temporary_path, write_json
from dataelec_assets.lake.calendar import CALENDAR
from dataelec_assets.lake.parquet import contract_digest, digest_of, span_of
from dataelec_assets.lake.quarantine import QUARANTINE, Hold
from dataelec_assets.lake.reading import literal
from dataelec_assets.lake.state import load_state
from dataelec_assets.run_context import RunContext
from dataelec_assets.warehouse.build import lake_signatures, warehouse_signatures
from dataelec_assets.warehouse.datapackage import data_package
from dataelec_assets.warehouse.dictionary import table_docs
from dataelec_assets.warehouse.kept_tables import keep_tables, origin_of, tell_kept
from dataelec_assets.warehouse.legacy_views import create_views
from dataelec_assets.warehouse.lock import locked_publication, show_lock, write_lock
from dataelec_assets.warehouse.personal_data import refuse_personal_data
from dataelec_assets.warehouse.project import project_digest
from dataelec_assets.warehouse.quarantine import in_force

# The public contract of issue and design: a publication without one of them is refused.
SERVED_TABLES = (
    "dim_commune",
    "dim_date",
    "dim_departement",
    "dim_epci",
    "dim_facteur_co2",
    "dim_filiere",
    "dim_indicateur",
    "dim_point_de_charge",
    "dim_region",
    "dim_secteur",
    "dim_station",
    "fct_consommation_annuelle",
    "fct_consommation_annuelle_regionale",
    "fct_consommation_nationale",
    "fct_consommation_regionale",
    "fct_echanges_commerciaux",
    "fct_eco2mix_national",
    "fct_eco2mix_regional",
    "fct_indicateur",
    "fct_injection_regionale",
    "fct_intervalle_borne",
    "fct_meteo_horaire",
    "fct_meteo_prevision",
    "fct_population",
    "fct_production_annuelle",
    "fct_production_filiere",
    "fct_revisions",
    "fct_statut_borne",
    "fct_stock_gaz",
    "fct_temperature_regionale",
    "fct_vacances_scolaires",
    "mart_bornes_a_verifier",
    "mart_bornes_rapprochement",
    "mart_co2_controle",
    "mart_consommation_par_client",
    "mart_decomposition_consommation",
    "mart_degres_jours",
    "mart_ecarts_ore",
    "mart_ecarts_publies",
    "mart_fiabilite_temps_reel",
    "mart_indicateur_compare",
    "mart_indicateur_nettoyage",
    "mart_mix_bilan_jour",
    "mart_mix_bilan_periode",
    "mart_mix_jour",
    "mart_mix_periode",
    "mart_mix_saison",
    "mart_occupation_horaire",
    "mart_occupation_meteo",
    "mart_prevision",
    "mart_prevision_modele",
    "mart_prevision_scores",
    "mart_priorite_isolation",
    "mart_question_echanges_stock",
    "mart_question_filieres_stock",
    "mart_question_filieres_temperature",
    "mart_question_saisons",
    "mart_question_stock_temperature",
    "mart_rapprochement_annuel",
    "mart_stations_en_tension",
    "mart_thermosensibilite",
    "mart_thermosensibilite_locale",
    "mart_typologie_choix",
    "mart_typologie_groupes",
    "mart_typologie_localisation",
    "mart_typologie_modele",
    "mart_typologie_territoires",
    "meta_avertissements",
    "meta_fautes_du_publieur",
    "meta_quarantaine",
    "pont_region_zone_scolaire",
)
META_TABLES = ("meta_publication", "meta_sources")

_STATUSES = {
    "fresh": "à jour",
    "stale": "en retard sur le portail",
    "absent": "absente du portail",
    "failed": "en échec",
    "never": "jamais chargée",
}
# Optional, and its portal not asked.
_NO_KEY = "sans clé"
# Of a lake that was restored without its states.
_UNCHECKED = "chargée, portail non interrogé"


@dataclass(frozen=True, slots=True)
class Publication:
    """A served file.

    Attributes:
        publication_id: identifies the content: equal content, equal id.
        published_at: when this content was first served (UTC).
        is_new: whether this call replaced the file.
        synthetic: whether any source is marked synthetic.
        path: the DuckDB file.
        tables: rows by table.
    """

    publication_id: str
    published_at: datetime
    is_new: bool
    synthetic: bool
    path: Path
    tables: dict[str, int]


def publication_id(digests: Mapping[str, str], project: str, kept: Mapping[str, str] | None = None) -> str:
    """Return the id of what would be built by this project from data sets with these digests.

    Args:
        digests: of each data set.
        project: digest of the models.
        kept: tables that stay as they were last published, with the publication that they are of.
    """
    if kept:
        digests = {**digests, **{f"table {name}": origin for name, origin in kept.items()}}
    content = "\n".join(f"{dataset_id} {digests[dataset_id]}" for dataset_id in sorted(digests))
    return hashlib.sha256(f"{project}\n{content}".encode()).hexdigest()[:16]


def lake_digests(ctx: RunContext) -> dict[str, str]:
    """Return a digest of what each data set and the calendar hold, from small files as long as nothing has moved."""
    digests = {dataset.id: _lake_digest(ctx, dataset) for dataset in ctx.catalog.values()}
    return {**digests, CALENDAR: ctx.calendar.signature(), QUARANTINE: ctx.quarantine.signature()}


def _lake_digest(ctx: RunContext, dataset: Dataset) -> str:
    head = ctx.parquet.head(dataset)
    if head is not None and head.contract == contract_digest(dataset) and not ctx.raw.pending(dataset.id).exists():
        return head.digest
    return digest_of(ctx.partition_signatures(dataset))


SourceRow = tuple[str, str, str, str, str, str | None, str | None, int, str | None, str | None, str, int, int]


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
        _NO_KEY if ctx.lacks_key(dataset) else status,
        len({each.partition for each in held if each.dataset_id == dataset.id and not each.accepted}),
        state.not_loaded or 0,
    )


def read_publication(path: Path) -> Publication | None:
    """Return what the served file says of itself, or None when there is none.

    Raises:
        LakeError: the file is there and cannot be read.
    """
    if not path.exists():
        return None
    try:
        with connect(path, read_only=True) as connection:
            row = connection.execute(
                "SELECT publication_id, publiee_a, est_synthetique FROM meta_publication"
            ).fetchone()
            counts = _counts(connection)
    except duckdb.Error as error:
        reason = str(error).strip().splitlines()[0]
        held = "lock" in reason.lower()
        raise LakeError(
            f"{path} cannot be read: {reason}",
            advice="A program has opened it for writing: close it, or let it open the file read-only."
            if held
            else "Delete it and run `dataelec refresh`.",
        ) from error
    if row is None:
        raise LakeError(f"{path} has an empty meta_publication.", advice="Delete it and run `dataelec refresh`.")
    return Publication(row[0], row[1].astimezone(UTC), is_new=False, synthetic=bool(row[2]), path=path, tables=counts)


def _counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    names = [
        row[0]
        for row in connection.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY 1"
        ).fetchall()
    ]
    return {name: int((connection.execute(f"SELECT count(*) FROM {name}").fetchone() or (0,))[0]) for name in names}


def is_up_to_date(ctx: RunContext) -> bool:
    """Return whether the served file and the served Parquet tables show the present lake and project."""
    identifier = publication_id(lake_digests(ctx), project_digest())
    served = read_publication(ctx.paths.served_file)
    return served is not None and served.publication_id == identifier and _is_complete(ctx, identifier)


def _is_complete(ctx: RunContext, identifier: str) -> bool:
    """Return whether both links point to what belongs to this publication: a refresh may die before it moves them."""
    link = _parquet_link(ctx)
    has_tables = link.exists() and link.resolve().name.startswith(f"parquet-{identifier}-")
    return has_tables and locked_publication(ctx) == identifier


def _parquet_link(ctx: RunContext) -> Path:
    return ctx.paths.serving / "parquet"


def publish(ctx: RunContext, kept: Mapping[str, str] | None = None) -> Publication:
    """Serve the present warehouse, when it differs from what is served.

    Args:
        ctx: settings and folders.
        kept: tables that could not be built well, with the reason (French): they stay as they were last published, or
            are served without rows when they never were.

    Returns:
        What is served now. A refresh that changes no content keeps the id and leaves the file alone, so
        ``meta_sources`` shows the sources as they were at the publication; ``dataelec status`` shows them as they are.

    Raises:
        WarehouseError: the warehouse is not in line with the lake, or a table of the public contract is missing; the
        served file is unchanged.
    """
    with exclusive(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        signatures, project = lake_signatures(ctx), project_digest()
        kept = kept or {}
        if not kept and warehouse_signatures(ctx) != (signatures, project):
            raise WarehouseError(
                "The warehouse was not built from the present lake.",
                advice="Run `dataelec refresh`; nothing was published.",
            )
        sources = source_rows(ctx)
        served = read_publication(ctx.paths.served_file)
        origin = origin_of(ctx.paths.served_file, kept, served.publication_id if served else None)
        identifier = publication_id(lake_digests(ctx), project, origin)
        if served is not None and served.publication_id == identifier:
            if _is_complete(ctx, identifier):
                return served
            published_at = served.published_at
        else:
            published_at = ctx.now().astimezone(UTC)
        synthetic = any(load_state(ctx.paths, dataset).synthetic for dataset in ctx.catalog.values())
        draft = temporary_path(ctx.paths, ".duckdb")
        shutil.copyfile(ctx.paths.warehouse, draft)
        with connect(draft, config={"memory_limit": MEMORY_LIMIT}) as connection:
            refuse_personal_data(connection, ctx.catalog.personal_names)
            keep_tables(connection, ctx.paths.served_file if served else None, kept)
            _strip(connection)
            _write_meta(connection, sources, (identifier, published_at, f"{__version__}+{project[:8]}", synthetic))
            tell_kept(connection, kept, origin, published_at)
            create_views(connection)
            connection.execute("CHECKPOINT")
            counts = _counts(connection)
            folder = _export(ctx, connection, counts, (identifier, published_at))
        write_lock(ctx, identifier, published_at, project)
        move_into_place(draft, ctx.paths.served_file)
        point_to(_parquet_link(ctx), folder)
        show_lock(ctx, identifier)
        return Publication(
            identifier, published_at, is_new=True, synthetic=synthetic, path=ctx.paths.served_file, tables=counts
        )


def _strip(connection: duckdb.DuckDBPyConnection) -> None:
    """Leave the tables of ``main`` only: a view over the lake would not open elsewhere."""
    rows = connection.execute(
        "SELECT DISTINCT schema_name FROM information_schema.schemata "
        "WHERE catalog_name = current_database() AND schema_name NOT IN ('main', 'information_schema', 'pg_catalog')"
    ).fetchall()
    for (schema,) in rows:
        connection.execute(f'DROP SCHEMA "{schema}" CASCADE')
    found = dict(
        connection.execute(
            "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'main'"
        ).fetchall()
    )
    (version,) = connection.execute(
        "SELECT tags['storage_version'] FROM duckdb_databases() WHERE database_name = current_database()"
    ).fetchall()[0]
    if not version.startswith(STORAGE_VERSION):
        raise WarehouseError(
            f"The warehouse is written as {version}, which older engines cannot read, instead of {STORAGE_VERSION}.",
            advice="Delete it and run `dataelec refresh`: it is built again from the lake.",
        )
    missing = [name for name in SERVED_TABLES if name not in found]
    views = [name for name, kind in found.items() if kind != "BASE TABLE"]
    if missing or views:
        raise WarehouseError(
            f"The warehouse is not publishable: missing {missing}, views {views}.",
            advice="The served file is unchanged; run `dataelec rebuild`.",
        )


def _write_meta(
    connection: duckdb.DuckDBPyConnection,
    sources: list[SourceRow],
    publication: tuple[str, datetime, str, bool],
) -> None:
    connection.execute(
        "CREATE TABLE meta_publication (publication_id VARCHAR, publiee_a TIMESTAMPTZ, version_code VARCHAR, "
        "est_synthetique BOOLEAN)"
    )
    connection.execute("INSERT INTO meta_publication VALUES (?, ?, ?, ?)", list(publication))
    connection.execute(
        "CREATE TABLE meta_sources (portail VARCHAR, jeu_de_donnees VARCHAR, titre VARCHAR, producteur VARCHAR, "
        "licence VARCHAR, version_observee TIMESTAMPTZ, version_chargee TIMESTAMPTZ, lignes BIGINT, "
        "premiere_mesure VARCHAR, derniere_mesure VARCHAR, statut VARCHAR, partitions_en_quarantaine INTEGER, "
        "lignes_non_chargees BIGINT)"
    )
    connection.executemany(
        f"INSERT INTO meta_sources VALUES ({', '.join('?' * len(sources[0]))})", [list(row) for row in sources]
    )
    for name, text in _META_COMMENTS.items():
        connection.execute(f"COMMENT ON {name} IS {literal(text)}")


_META_COMMENTS = {
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
    "sans clé (facultative, portail non interrogé).",
    "COLUMN meta_sources.partitions_en_quarantaine": "Partitions qui ne sont pas servies telles que reçues "
    "(meta_quarantaine dit lesquelles et pourquoi).",
    "COLUMN meta_sources.lignes_non_chargees": "Lignes montrées par le portail et non chargées, faute de jour, "
    "d'instant ou d'année possible ; 0 quand tout est ici.",
}


def _export(
    ctx: RunContext, connection: duckdb.DuckDBPyConnection, counts: Mapping[str, int], publication: tuple[str, datetime]
) -> Path:
    """Write each table as a Parquet file in a new folder, with what they are beside them; return the folder."""
    folder = ctx.paths.serving / f"parquet-{publication[0]}-{uuid4().hex[:8]}"
    folder.mkdir(parents=True)
    for name in sorted(counts):
        target = literal(str(folder / f"{name}.parquet"))
        connection.execute(f"COPY {name} TO {target} (FORMAT parquet, COMPRESSION zstd)")
    package = data_package(folder, publication, table_docs(), counts, list(ctx.catalog.values()))
    write_json(ctx.paths, folder / "datapackage.json", package)
    return folder
