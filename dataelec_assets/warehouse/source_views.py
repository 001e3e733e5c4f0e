"""dbt's sources as views of the warehouse, each over the files that the lake's indexes name.

dbt reads ``source('odre', 'eco2mix_national_tr')`` as the view of this name. Files have names of their own
(:mod:`dataelec_assets.lake.parts`), so a build renews the views of what has moved before dbt starts: the project is not
parsed again, and the views that read these keep their text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import duckdb

from dataelec_assets.catalog import Dataset
from dataelec_assets.database import literal
from dataelec_assets.errors import LakeError
from dataelec_assets.lake import calendar, quarantine
from dataelec_assets.lake.calendar import CalendarLake
from dataelec_assets.lake.parquet import ParquetLake
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.quarantine import QuarantineLake
from dataelec_assets.lake.revisions import RevisionLake
from dataelec_assets.lake.write_through import bring

# The schema of what comes from no portal, as in dbt/models/staging/lac.
_OWN = "lac"

# A partition is text whatever it looks like.
_BY_PARTITION = ", hive_partitioning = true, hive_types_autocast = false"


def source_files(paths: LakePaths, datasets: Iterable[Dataset]) -> dict[tuple[str, str], tuple[list[Path], bool]]:
    """Return the files of each source by schema and name, and whether the folder of a file says its partition."""
    datasets, parquet, calendars = list(datasets), ParquetLake(paths), CalendarLake(paths)
    files = {(each.portal, each.table): (parquet.files(each), True) for each in datasets}
    files |= {(_OWN, name): ([calendars.file(name)], False) for name in calendar.TABLES}
    files[_OWN, quarantine.QUARANTINE] = ([QuarantineLake(paths).file], False)
    files[_OWN, "revisions"] = (RevisionLake(paths).files(datasets), False)
    return files


def _query(paths: LakePaths, files: Iterable[Path], options: str) -> str:
    # Relative to `file_search_path` of the profile: no view carries the path of a machine.
    names = ", ".join(literal(each.relative_to(paths.parquet).as_posix()) for each in files)
    return f"FROM read_parquet([{names}]{options})"


def show_sources(connection: duckdb.DuckDBPyConnection, paths: LakePaths, datasets: Iterable[Dataset]) -> None:
    """Make or renew the view of each source whose files are not those that its view names.

    Args:
        connection: of the warehouse; its ``file_search_path`` is set.
        paths: folders of the lake, in which everything is readable (``ready_lake``).
        datasets: of the catalogue.

    Raises:
        LakeError: a file that an index names is missing or damaged.
    """
    known = {
        (schema, name): comment
        for schema, name, comment in connection.execute(
            "SELECT schema_name, view_name, comment FROM duckdb_views() WHERE NOT internal"
        ).fetchall()
    }
    connection.execute(f"SET file_search_path = {literal(str(paths.parquet))}")
    for (schema, name), (files, is_cut) in source_files(paths, datasets).items():
        query = _query(paths, files, _BY_PARTITION if is_cut else "")
        digest = hashlib.sha256(query.encode()).hexdigest()
        if known.get((schema, name)) == digest:
            continue
        bring(files)
        try:
            connection.execute(
                f"BEGIN; CREATE SCHEMA IF NOT EXISTS {schema}; CREATE OR REPLACE VIEW {schema}.{name} AS {query}; "
                f"COMMENT ON VIEW {schema}.{name} IS {literal(digest)}; COMMIT"
            )
        except duckdb.Error as error:
            connection.execute("ROLLBACK")
            reason = str(error).strip().splitlines()[0]
            raise LakeError(
                f"A Parquet copy of {name} cannot be read: {reason}",
                advice=f"Delete {paths.parquet / name} and run `dataelec refresh`: it is made again from raw.",
            ) from error
