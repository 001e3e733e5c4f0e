"""A few thousand rows of a data set as text, from a file or from its portal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from dataelec_assets.catalog import slug
from dataelec_assets.database import connect, literal
from dataelec_assets.errors import SettingsError
from dataelec_assets.lake.file_formats import RawFile, in_a_known_encoding, inspect
from dataelec_assets.portals.client import PortalField
from dataelec_assets.portals.opendatasoft import OpendatasoftPortal

# Enough to see what identifies a row; a guess stays a guess.
ROWS = 5_000

Cell = str | None


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows of a data set, and what its portal says of it.

    Attributes:
        header: names as printed.
        rows: cells as text; None for an empty one.
        fields: what the portal declares, by technical name; empty for a file.
        title: as on the portal; None for a file.
        publisher: as on the portal; None when unknown.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    fields: Mapping[str, PortalField] = field(default_factory=dict)
    title: str | None = None
    publisher: str | None = None

    def values(self, header: str) -> list[str]:
        """Return the cells of a column that are not empty."""
        position = self.header.index(header)
        return [cell for row in self.rows if (cell := row[position]) is not None]


def read_sample(dataset_id: str, path: Path) -> Sample:
    """Return the first rows of a CSV, JSON or Parquet file, compressed or not, in any encoding that a refresh reads.

    Raises:
        SettingsError: there is no such file, or no table can be read from it.
        SourceError: it is empty, HTML, or damaged.
    """
    if not path.is_file():
        raise SettingsError(f"{path} is not a file.", advice="Give a CSV, JSON or Parquet file of the data set.")
    with in_a_known_encoding(dataset_id, inspect(dataset_id, path)) as raw, connect() as connection:
        try:
            found = connection.execute(f"SELECT CAST(COLUMNS(*) AS VARCHAR) FROM {_reader(raw)} LIMIT {ROWS}")
            rows = tuple(tuple(cell or None for cell in row) for row in found.fetchall())
            header = tuple(column[0] for column in found.description or ())
        except duckdb.Error as error:
            reason = str(error).strip().splitlines()[0]
            raise SettingsError(
                f"{path} cannot be read as a table: {reason}",
                advice="Give a file with a line of headers, one row a line.",
            ) from error
    if not rows:
        raise SettingsError(
            f"{path} has no rows.", advice="Give a file with rows: types and key are guessed from them."
        )
    return Sample(header, rows)


def _reader(raw: RawFile) -> str:
    path = literal(str(raw.path))
    if raw.format == "parquet":
        return f"read_parquet({path})"
    if raw.format == "json":
        return f"read_json({path}, format='array')"
    if raw.format == "records-v1":
        return f"(SELECT unnest(fields) FROM read_json({path}, format='array'))"
    encoding = "" if raw.encoding == "utf-8" else ", encoding='latin-1'"
    return f"read_csv({path}, header=true, all_varchar=true, delim={literal(raw.delimiter)}, quote='\"'{encoding})"


def ask_sample(client: OpendatasoftPortal, dataset_id: str) -> Sample:
    """Return rows of a data set of an Opendatasoft portal, with what the portal says of it, in two calls.

    Raises:
        SourceError: the portal does not have it, or does not answer.
    """
    metadata = client.describe(dataset_id)
    with TemporaryDirectory(prefix="dataelec-") as folder:
        path = Path(folder) / f"{slug(dataset_id)}.csv.zst"
        client.export(dataset_id, path, where=None, limit=ROWS)
        sample = read_sample(dataset_id, path)
    fields = {each.name: each for each in metadata.fields}
    return Sample(sample.header, sample.rows, fields, metadata.title, metadata.publisher)
