"""One generation of the default France for all tests, and a connection that reads its files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.sample import Summary, generate
from dataelec_assets.sample.portal_files import DatasetFile

_READERS = {
    ".parquet": "from '{path}'",
    ".csv": "from read_csv('{path}', delim=';', header=true, all_varchar=true, encoding='{encoding}')",
    ".json": "from read_json('{path}')",
    ".gz": "select unnest(fields) from read_json('{path}')",
}
_LATIN = "injections-regionales-quotidiennes-consolidees-rpt"


def of_data_portals(summary: Summary) -> list[DatasetFile]:
    """Return the files of portals that serve tables: one per data set. Of states that follow each other, none."""
    served, catalog = ("opendatasoft", "data-fair"), load_catalog()
    files = [(file, catalog[file.dataset_id]) for file in summary.files]
    return [file for file, dataset in files if dataset.info.api in served and dataset.stamped_by is None]


@pytest.fixture(scope="session")
def summary(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    return generate(tmp_path_factory.mktemp("synthetic") / "france")


@pytest.fixture(scope="session")
def france(summary: Summary) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection with one table per data set, in snake_case; columns of CSV files are texts under their labels.

    The files of INSEE, several to a data set, are not among them.
    """
    with duckdb.connect() as connection:
        for file in of_data_portals(summary):
            encoding = "latin-1" if file.dataset_id == _LATIN else "utf-8"
            reader = _READERS[file.path.suffix].format(path=file.path, encoding=encoding)
            connection.execute(f"create table {file.dataset_id.replace('-', '_')} as {reader}")
        connection.execute("set timezone = 'UTC'")
        yield connection


@pytest.fixture(scope="session")
def one_year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a generation of one year, both clock changes included."""
    return generate(tmp_path_factory.mktemp("synthetic") / "year", years=1).destination
