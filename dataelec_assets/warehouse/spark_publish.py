"""From tables on Spark to what users open: their Parquet files and a ``datapackage.json``, put in place by one rename.

A table is a folder of files, and one that is cut by month has a folder for each (``mois=2025-01``). The files are those
that Spark has written, by a second link: nothing is read again but for the check of personal data.
"""

from __future__ import annotations

import hashlib
import os
from datetime import UTC
from pathlib import Path
from uuid import uuid4

import duckdb
import pyarrow.parquet as pq

from dataelec_assets import __version__
from dataelec_assets.database import connect, literal
from dataelec_assets.errors import WarehouseError
from dataelec_assets.lake.atomic_files import forbid_writing, point_to, read_json, write_json
from dataelec_assets.lake.locks import exclusive
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.state import load_state
from dataelec_assets.run_context import RunContext
from dataelec_assets.warehouse.datapackage import data_package, described
from dataelec_assets.warehouse.dictionary import TableDoc, table_docs
from dataelec_assets.warehouse.meta_tables import META_TABLES, source_rows, write_meta_tables
from dataelec_assets.warehouse.parquet_tables import Part, Table
from dataelec_assets.warehouse.personal_data import refuse_personal_data
from dataelec_assets.warehouse.project import project_digest
from dataelec_assets.warehouse.publication import Publication, lake_digests, publication_id
from dataelec_assets.warehouse.spark_build import is_built, served_names, tables_folder

_PACKAGE = "datapackage.json"


def served_folder(paths: LakePaths) -> Path:
    """Return the folder that users open; a link to that of the last publication."""
    return paths.root / "serving-spark" / "parquet"


def publish_from_spark(ctx: RunContext) -> Publication:
    """Serve the present tables of Spark, when they differ from what is served.

    Raises:
        WarehouseError: they were not built from the present lake, or hold personal data; what is served is unchanged.
    """
    with exclusive(ctx.paths, wait_seconds=ctx.lock_wait_seconds):
        if not is_built(ctx):
            raise WarehouseError(
                "The tables of Spark were not built from the present lake.",
                advice="Run `dataelec build --engine spark`; nothing was published.",
            )
        link, project = served_folder(ctx.paths), project_digest()
        identifier = publication_id(lake_digests(ctx), project)
        if (link / _PACKAGE).exists() and read_json(link / _PACKAGE)["id"] == identifier:
            return _publication(ctx, identifier, is_new=False)
        now = ctx.now().astimezone(UTC)
        synthetic = any(load_state(ctx.paths, dataset).synthetic for dataset in ctx.catalog.values())
        built = {name: tables_folder(ctx.paths) / "main" / name for name in served_names(ctx.paths)}
        missing = sorted(name for name, place in built.items() if not place.is_dir())
        if missing:
            raise WarehouseError(
                f"Spark has not built {', '.join(missing)}.",
                advice="What is served is unchanged; run `dataelec build --engine spark --full`.",
            )
        folder = link.with_name(f"{link.name}-{identifier}-{uuid4().hex[:8]}")
        folder.mkdir(parents=True)
        docs = {each.name: each for each in table_docs()}
        descriptions = described(docs.values())
        with connect() as connection:
            write_meta_tables(
                connection, source_rows(ctx), (identifier, now, f"{__version__}+{project[:8]}", synthetic)
            )
            for name in META_TABLES:
                (folder / name).mkdir()
                target = literal(str(folder / name / "0.parquet"))
                connection.execute(f"COPY main.{name} TO {target} (FORMAT parquet, COMPRESSION zstd)")
                connection.execute(f"DROP TABLE main.{name}")
            for name, place in built.items():
                if not _link_files(place, folder / name):
                    _write_columns(connection, docs[name], folder / name)
            show_folder(connection, folder)
            refuse_personal_data(connection, ctx.catalog.personal_names)
        tables = {path.name: Table("", _parts(folder, path)) for path in sorted(folder.iterdir())}
        package = data_package((identifier, now), descriptions, tables, list(ctx.catalog.values()))
        write_json(ctx.paths, folder / _PACKAGE, package, indent=None)
        point_to(link, folder)
        return _publication(ctx, identifier, is_new=True)


def show_folder(connection: duckdb.DuckDBPyConnection, folder: Path, schema: str = "main") -> None:
    """Create a view for each table of a published folder, with its columns in the order of the data package.

    Args:
        connection: where.
        folder: holds a folder for each table.
        schema: of the views.
    """
    for path in sorted(each for each in folder.iterdir() if each.is_dir()):
        files = literal(f"{path}/**/*.parquet")
        connection.execute(
            f'CREATE VIEW {schema}."{path.name}" AS SELECT * FROM read_parquet({files}, hive_partitioning = true, '
            "hive_types_autocast = false)"
        )


def _write_columns(connection: duckdb.DuckDBPyConnection, table: TableDoc, folder: Path) -> None:
    """Write a file without rows: Spark writes none for a table that is cut by month and has no month."""
    folder.mkdir()
    columns = ", ".join(f'CAST(NULL AS {each.type}) AS "{each.name}"' for each in table.columns)
    target = literal(str(folder / "0.parquet"))
    connection.execute(f"COPY (SELECT {columns} WHERE false) TO {target} (FORMAT parquet, COMPRESSION zstd)")


def _link_files(source: Path, target: Path) -> int:
    """Link the Parquet files of a table, without Spark's marks and checksums; return their number."""
    files = sorted(source.rglob("*.parquet"))
    for file in files:
        place = target / file.relative_to(source).parent
        place.mkdir(parents=True, exist_ok=True)
        os.link(file, place / f"{len(list(place.iterdir()))}.parquet")
        forbid_writing(file)
    return len(files)


def _parts(folder: Path, table: Path) -> dict[str, Part]:
    parts = {}
    for file in sorted(table.rglob("*.parquet")):
        stat, name = file.stat(), file.relative_to(folder).as_posix()
        with file.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        rows = pq.read_metadata(file).num_rows
        parts[name] = Part(name, None, rows, "", stat.st_size, stat.st_mtime_ns, sha256)
    return parts


def _publication(ctx: RunContext, identifier: str, *, is_new: bool) -> Publication:
    link = served_folder(ctx.paths)
    package = read_json(link / _PACKAGE)
    return Publication(
        identifier,
        ctx.now(),
        is_new=is_new,
        synthetic=any(load_state(ctx.paths, dataset).synthetic for dataset in ctx.catalog.values()),
        path=link,
        tables={each["name"]: each["rows"] for each in package["resources"]},
    )
