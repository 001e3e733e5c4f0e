"""The last door: a personal column or value stops the publication, and the message shows no value."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from dataelec_assets.errors import WarehouseError
from dataelec_assets.warehouse.personal_data import refuse_personal_data

PERSONAL = {"num_pdl", "observations"}


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a warehouse of one table and one view, without fault."""
    with duckdb.connect() as warehouse:
        warehouse.execute("CREATE TABLE dim_station AS SELECT 'FRV75P1' AS id_station, 'Gare' AS nom_station, 22 AS kw")
        warehouse.execute("CREATE SCHEMA staging")
        warehouse.execute("CREATE VIEW staging.stg_stations AS SELECT id_station FROM dim_station")
        yield warehouse


def test_what_is_about_stations_is_published(connection: duckdb.DuckDBPyConnection) -> None:
    refuse_personal_data(connection, PERSONAL)


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ("ALTER TABLE dim_station ADD COLUMN num_pdl INTEGER", r"dim_station\.num_pdl"),
        ("ALTER TABLE dim_station ADD COLUMN email_exploitant VARCHAR", r"dim_station\.email_exploitant"),
        # Not served, and all the same not to be there.
        (
            "CREATE VIEW staging.stg_bornes AS SELECT nom_station AS observations FROM dim_station",
            r"stg_bornes\.observations",
        ),
        ("UPDATE dim_station SET nom_station = 'Gare, Mme Martin 06 12 34 56 78'", r"dim_station\.nom_station.* 1 row"),
        ("INSERT INTO dim_station VALUES ('c.martin@exemple.fr', NULL, 0)", r"dim_station\.id_station.* 1 row"),
        # The shortest of each form: shorter texts are not searched.
        ("UPDATE dim_station SET nom_station = 'a@b.fr'", r"dim_station\.nom_station.* 1 row"),
        ("UPDATE dim_station SET nom_station = '+12345678'", r"dim_station\.nom_station.* 1 row"),
        ('CREATE TABLE "select" AS SELECT \'oui\' AS "order", \'c@exemple.fr\' AS "group"', r"select\.group"),
    ],
)
def test_each_fault_is_refused_by_name(connection: duckdb.DuckDBPyConnection, fault: str, named: str) -> None:
    connection.execute(fault)
    with pytest.raises(WarehouseError, match=named) as caught:
        refuse_personal_data(connection, PERSONAL)
    assert "Martin" not in str(caught.value)
    assert "exemple.fr" not in str(caught.value)
    assert "served file is unchanged" in str(caught.value)
