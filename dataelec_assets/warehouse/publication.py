"""A publication: what identifies its content, and what the served file says of itself."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dataelec_assets.catalog import Dataset
from dataelec_assets.database import connect
from dataelec_assets.errors import LakeError
from dataelec_assets.lake.atomic_files import read_json, write_json
from dataelec_assets.lake.calendar import CALENDAR
from dataelec_assets.lake.partition_index import contract_digest, digest_of
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.quarantine import QUARANTINE
from dataelec_assets.run_context import RunContext

if TYPE_CHECKING:
    import duckdb


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


def read_publication(path: Path) -> Publication | None:
    """Return what is served, or None when nothing is.

    The record beside the served file answers, for as long as the file is the one that it was written for; else the file
    is opened and its tables counted.

    Raises:
        LakeError: the file is there and cannot be read.
    """
    return recorded(path) or _opened(path)


def _record(path: Path) -> Path:
    return path.with_name("publication.json")


def _stamp(path: Path) -> list[int] | None:
    """Return what changes whenever the file is written to or replaced; None when it is not there."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return [stat.st_size, stat.st_mtime_ns]


def record_publication(paths: LakePaths, publication: Publication) -> None:
    """Write what is served beside the served file, which is in place."""
    content = {
        "file": _stamp(publication.path),
        "publication_id": publication.publication_id,
        "published_at": publication.published_at.isoformat(),
        "synthetic": publication.synthetic,
        "tables": publication.tables,
    }
    write_json(paths, _record(publication.path), content)


def recorded(path: Path) -> Publication | None:
    """Return what the record says; None when there is none of the file that is there."""
    stamp = _stamp(path)
    if stamp is None or not _record(path).exists():
        return None
    try:
        content = read_json(_record(path))
        if content["file"] != stamp:
            return None
        return Publication(
            content["publication_id"],
            datetime.fromisoformat(content["published_at"]),
            is_new=False,
            synthetic=content["synthetic"],
            path=path,
            tables=content["tables"],
        )
    except (LakeError, KeyError, TypeError, ValueError):
        return None


def _opened(path: Path) -> Publication | None:
    """Return what the served file says of itself, or None when there is none."""
    if not path.exists():
        return None
    import duckdb

    try:
        with connect(path, read_only=True) as connection:
            row = connection.execute(
                "SELECT publication_id, publiee_a, est_synthetique FROM meta_publication"
            ).fetchone()
            counts = _row_counts(connection)
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


def _row_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return the number of rows of each table of the schema ``main``."""
    names = connection.execute(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY 1"
    ).fetchall()
    counts = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM main.\"{name}\"" for (name,) in names)
    return dict(connection.execute(counts).fetchall()) if counts else {}
