"""From warehouse to served file: a copy with tables only, put in place by one rename.

Readers see the old file or the new one, never half of one; a file opened before the rename goes on answering. Nobody
may write to it: a tool that opens it as if it were its own would lock the others out, or change a table.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from datetime import UTC
from pathlib import Path
from typing import Any
from uuid import uuid4

import duckdb

from dataelec_assets import __version__
from dataelec_assets.database import MEMORY_LIMIT, STORAGE_VERSION, connect
from dataelec_assets.errors import LakeError, WarehouseError
from dataelec_assets.lake.atomic_files import (
    copy_file,
    forbid_writing,
    move_into_place,
    point_to,
    read_json,
    temporary_path,
    write_json,
)
from dataelec_assets.lake.locks import exclusive
from dataelec_assets.lake.state import load_state
from dataelec_assets.run_context import RunContext
from dataelec_assets.warehouse import datapackage, dictionary, semantics
from dataelec_assets.warehouse.build import lake_signatures, warehouse_signatures
from dataelec_assets.warehouse.datapackage import data_package, described
from dataelec_assets.warehouse.dictionary import table_docs
from dataelec_assets.warehouse.kept_tables import keep_tables, origin_of, tell_kept
from dataelec_assets.warehouse.legacy_views import create_views
from dataelec_assets.warehouse.lock import show_lock, write_lock
from dataelec_assets.warehouse.meta_tables import META_TABLES, source_rows, write_meta_tables
from dataelec_assets.warehouse.parquet_tables import Index, read_index, survey, unchecked, write_index, write_tables
from dataelec_assets.warehouse.personal_data import refuse_personal_data, rules_digest
from dataelec_assets.warehouse.project import project_digest
from dataelec_assets.warehouse.publication import (
    Publication,
    lake_digests,
    publication_id,
    read_publication,
    record_publication,
)
from dataelec_assets.warehouse.renewed import read_marks
from dataelec_assets.warehouse.semantics import rules
from dataelec_assets.warehouse.up_to_date import is_complete, parquet_link
from dataelec_assets.warehouse.wide_views import create_wide_views

_PACKAGE = "datapackage.json"

# Of these, the last rows are written here, whatever a build has left.
_WRITTEN_HERE = (*META_TABLES, "meta_quarantaine")


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
        WarehouseError: the warehouse was not built from the present lake, or a served table is missing; the
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
            if is_complete(ctx, identifier):
                return served
            published_at = served.published_at
        else:
            published_at = ctx.now().astimezone(UTC)
        synthetic = any(load_state(ctx.paths, dataset).synthetic for dataset in ctx.catalog.values())
        marks, personal = read_marks(ctx.paths), rules_digest()
        old = parquet_link(ctx)
        before = read_index(old)
        digest, descriptions = _descriptions(old, before, project)
        draft = temporary_path(ctx.paths, ".duckdb")
        copy_file(ctx.paths.warehouse, draft)
        with connect(draft, config={"memory_limit": MEMORY_LIMIT}) as connection:
            keep_tables(connection, ctx.paths.served_file if served else None, kept)
            write_meta_tables(
                connection, sources, (identifier, published_at, f"{__version__}+{project[:8]}", synthetic)
            )
            tell_kept(connection, kept, origin, published_at)
            found = survey(connection, before, marks, {*_WRITTEN_HERE, *kept})
            refuse_personal_data(connection, ctx.catalog.personal_names, unchecked(found, before, personal))
            _strip(connection, descriptions)
            create_views(connection)
            create_wide_views(connection, rules())
            connection.execute("CHECKPOINT")
            folder = ctx.paths.serving / f"parquet-{identifier}-{uuid4().hex[:8]}"
            folder.mkdir(parents=True)
            tables = write_tables(connection, folder, found, old, before)
        package = data_package((identifier, published_at), descriptions, tables, list(ctx.catalog.values()))
        write_json(ctx.paths, folder / _PACKAGE, package, indent=None)
        write_index(ctx.paths, folder, Index(personal, digest, tables))
        write_lock(ctx, identifier, published_at, project)
        forbid_writing(draft)
        move_into_place(draft, ctx.paths.served_file)
        publication = Publication(
            identifier,
            published_at,
            is_new=True,
            synthetic=synthetic,
            path=ctx.paths.served_file,
            tables={name: table.rows for name, table in tables.items()},
        )
        record_publication(ctx.paths, publication)
        point_to(parquet_link(ctx), folder)
        show_lock(ctx, identifier)
        if ctx.settings.bucket is not None:
            from dataelec_assets.lake.served_copy import serve

            serve(ctx.paths, identifier)
        return publication


def _descriptions(folder: Path, before: Index | None, project: str) -> tuple[str, dict[str, Any]]:
    """Return what the data package says of each served table, and a digest of what that is made from.

    Taken from the last publication when it was made from the same: reading all YAML of the dbt project takes longer
    than most publications.
    """
    code = [Path(str(module.__file__)).read_bytes() for module in (datapackage, dictionary, semantics)]
    digest = hashlib.sha256(b"\n".join([project.encode(), *code])).hexdigest()
    if before is not None and before.described == digest:
        try:
            return digest, {
                each["name"]: {key: each[key] for key in ("description", "warnings", "schema")}
                for each in read_json(folder / _PACKAGE)["resources"]
            }
        except (LakeError, KeyError, TypeError):
            pass
    return digest, described(table_docs())


def _strip(connection: duckdb.DuckDBPyConnection, wanted: Collection[str]) -> None:
    """Keep only the tables of ``main``: a view over the lake would not open on another machine."""
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
    missing = [name for name in wanted if name not in found]
    views = [name for name, kind in found.items() if kind != "BASE TABLE"]
    if missing or views:
        raise WarehouseError(
            f"The warehouse is not publishable: missing {missing}, views {views}.",
            advice="The served file is unchanged; run `dataelec rebuild`.",
        )
