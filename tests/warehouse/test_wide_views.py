"""The views show names beside codes, only whole periods, and as many rows as their table has of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.warehouse.semantics import rules
from dataelec_assets.warehouse.wide_views import SCHEMA, create_wide_views
from tests.serving.served import write_served

NAMES = sorted({"v_territoire", *rules()["vues"]})


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a served file with a few invented rows, and its views."""
    path = write_served(tmp_path_factory.mktemp("views") / "served.duckdb")
    with duckdb.connect(str(path)) as connection:
        connection.execute("COMMENT ON COLUMN mart_mix_periode.part_pct IS 'Part de la filière'")
        create_wide_views(connection, rules())
        yield connection


def count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {query}").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("name", sorted(rules()["vues"]))
def test_a_row_of_the_table_is_a_row_of_the_view(served: duckdb.DuckDBPyConnection, name: str) -> None:
    about = rules()["vues"][name]
    assert count(served, f"{SCHEMA}.{name}") == count(served, f"{about['table']} WHERE {about['filtre']}")


def test_some_rows_are_left_out_because_their_period_is_not_whole(served: duckdb.DuckDBPyConnection) -> None:
    served.execute("""
        INSERT INTO mart_mix_periode BY NAME
        SELECT
            'nation' AS maille, 'FR' AS code_territoire, 'annee' AS type_periode, DATE '1999-01-01' AS debut,
            DATE '1999-12-31' AS fin, 'nucleaire' AS filiere, 1.0 AS energie_mwh, false AS est_complete
    """)
    assert count(served, "mart_mix_periode WHERE year(debut) = 1999") == 1
    assert count(served, f"{SCHEMA}.v_mix_annuel WHERE year(debut) = 1999") == 0


def test_names_stand_beside_their_codes(served: duckdb.DuckDBPyConnection) -> None:
    rows = served.execute(
        f"SELECT DISTINCT code_territoire, nom_territoire, filiere, nom_filiere FROM {SCHEMA}.v_mix_annuel "
        "WHERE code_territoire = 'FR' AND filiere = 'nucleaire'"
    ).fetchall()
    assert rows == [("FR", "France", "nucleaire", "Nucléaire")]
    regions = f"{SCHEMA}.v_territoire WHERE maille = 'region' AND nom_territoire IS NOT NULL"
    assert count(served, regions) == count(served, "dim_region") > 12


@pytest.mark.parametrize("name", NAMES)
def test_a_view_has_a_description_and_no_column_twice(served: duckdb.DuckDBPyConnection, name: str) -> None:
    row = served.execute("SELECT comment FROM duckdb_views() WHERE view_name = ?", [name]).fetchone()
    assert row is not None
    assert row[0].endswith(".")
    columns = [each[0] for each in served.execute(f"DESCRIBE {SCHEMA}.{name}").fetchall()]
    assert len(columns) == len(set(columns))
    assert not [each for each in columns if each.endswith("_1")]


def test_a_column_of_a_view_says_what_that_of_the_table_says(served: duckdb.DuckDBPyConnection) -> None:
    comments = dict(
        served.execute(
            "SELECT column_name, comment FROM duckdb_columns() WHERE schema_name = ? AND table_name = 'v_mix_annuel'",
            [SCHEMA],
        ).fetchall()
    )
    assert comments["part_pct"] == "Part de la filière"
    assert comments["nom_territoire"] == "Nom du territoire"


def test_a_column_that_its_table_lacks_stops_the_publication(tmp_path: Path) -> None:
    with duckdb.connect(str(write_served(tmp_path / "served.duckdb"))) as connection:
        connection.execute("ALTER TABLE mart_mix_periode RENAME est_complete TO est_entiere")
        with pytest.raises(duckdb.BinderException, match="est_complete"):
            create_wide_views(connection, rules())
