"""On a real server: what is exported equals the publication, only changes are copied, and no reader sees half of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi as postgres
import duckdb
import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.commands.export import run_export
from dataelec_assets.errors import DataElecError, SettingsError
from dataelec_assets.export.postgres import Exported, export, without_password
from dataelec_assets.lake.atomic_files import write_json
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.warehouse.datapackage import data_package, described
from dataelec_assets.warehouse.dictionary import table_docs
from dataelec_assets.warehouse.parquet_tables import Index, survey, write_index, write_tables
from dataelec_assets.warehouse.semantics import rules
from tests.export.server import required
from tests.serving.served import write_served

MONTHLY = "fct_consommation_nationale"


@pytest.fixture(scope="module")
def uri() -> Iterator[str]:
    """Return the address of an empty server; continuous integration must have one, elsewhere the test is skipped."""
    with required() as address:
        yield address


@dataclass
class Published:
    """A lake whose publication a test may change."""

    paths: LakePaths
    served: Path

    def change(self, *statements: str) -> None:
        """Change the served tables, and publish them as Parquet again."""
        with duckdb.connect(str(self.served)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            for statement in statements:
                connection.execute(statement)
            folder = self.paths.serving / "parquet"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            tables = write_tables(connection, folder, survey(connection, None, None, ()), folder, None)
        package = data_package(
            ("0123456789abcdef", datetime(2026, 11, 26, tzinfo=UTC)),
            described(table_docs()),
            tables,
            list(load_catalog().values()),
        )
        write_json(self.paths, folder / "datapackage.json", package, indent=None)
        write_index(self.paths, folder, Index("rules", "described", tables))

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.served), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return connection.execute(sql).fetchall()


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Published:
    """Return a lake that has published invented rows in every table."""
    folder = tmp_path_factory.mktemp("whole")
    found = Published(LakePaths(folder / "lake"), write_served(folder / "served.duckdb"))
    found.change()
    return found


@pytest.fixture
def published(tmp_path: Path) -> Published:
    """Return a lake that has published what the views read, and two months of half-hours."""
    found = Published(LakePaths(tmp_path / "lake"), write_served(tmp_path / "served.duckdb"))
    read = {about["table"] for about in rules()["vues"].values()}
    kept = {MONTHLY, "fct_indicateur", "mart_stations_en_tension", *read}
    tables = [name for (name,) in found.rows("SELECT table_name FROM duckdb_tables()")]
    found.change(
        *(f"DROP TABLE {name}" for name in tables if name not in kept and not name.startswith("dim_")),
        f"""INSERT INTO {MONTHLY} BY NAME SELECT strftime(d, '%Y-%m') AS mois, d::DATE AS date_locale,
        '00:00' AS heure_locale, d AS instant_utc, 50000 AS consommation_electricite_mw, false AS est_heure_fictive
        FROM range(TIMESTAMPTZ '2024-01-01', TIMESTAMPTZ '2024-03-01', INTERVAL 1 DAY) AS r (d)""",
    )
    return found


@pytest.fixture
def schema(request: pytest.FixtureRequest) -> str:
    """Return a schema of the test's own."""
    return f"essai_{abs(hash(request.node.name)) % 10**8}"


def asked(uri: str, sql: str) -> list[tuple[Any, ...]]:
    with postgres.connect(uri) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return [tuple(row) for row in cursor.fetchall()]


def told(uri: str, sql: str) -> None:
    with postgres.connect(uri) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        connection.commit()


def exported(published: Published, uri: str, schema: str) -> Exported:
    return export(published.paths, uri, schema, lambda _line: None)


def test_every_table_has_its_rows_comments_keys_and_relations(whole: Published, uri: str, schema: str) -> None:
    published, done = whole, exported(whole, uri, schema)
    names = {name for (name,) in published.rows("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'")}
    described_ones = names & {table.name for table in table_docs()}
    assert done.copied.keys() == described_ones
    for name in described_ones:
        ((expected,),) = published.rows(f"SELECT count(*) FROM {name}")
        assert asked(uri, f'SELECT count(*) FROM "{schema}"."{name}"') == [(expected,)] == [(done.copied[name],)]
    sql = "SELECT code_region, nom_region, est_metropolitaine FROM {} ORDER BY 1"
    assert asked(uri, sql.format(f"{schema}.dim_region")) == published.rows(sql.format("dim_region"))
    sql = "SELECT date_locale, heure_locale, instant_utc, consommation_electricite_mw FROM {} ORDER BY 1, 2, 3, 4"
    assert asked(uri, sql.format(f"{schema}.{MONTHLY}")) == published.rows(sql.format(MONTHLY))
    comment = f"SELECT col_description('{schema}.mart_mix_bilan_jour'::regclass, attnum) FROM pg_attribute "
    ((text,),) = asked(
        uri, comment + f"WHERE attrelid = '{schema}.mart_mix_bilan_jour'::regclass AND attname = 'taux_co2_g_par_kwh'"
    )
    assert text.endswith("(g/kWh)")
    constraints = dict(
        asked(
            uri,
            "SELECT contype::text, count(*) FROM pg_constraint "
            f"WHERE connamespace = '{schema}'::regnamespace GROUP BY 1",
        )
    )
    with_key = [table.name for table in table_docs() if table.key and table.name in described_ones]
    assert constraints["p"] + constraints.get("u", 0) == len(with_key)
    assert constraints["f"] > 50


def test_views_have_names_and_whole_periods(published: Published, uri: str, schema: str) -> None:
    exported(published, uri, schema)
    rows = asked(
        uri,
        f"SELECT DISTINCT nom_territoire, nom_filiere FROM {schema}_vues.v_mix_annuel "
        "WHERE code_territoire = 'FR' AND filiere = 'nucleaire'",
    )
    assert rows == [("France", "Nucléaire")]


def test_what_has_not_changed_is_not_copied(published: Published, uri: str, schema: str) -> None:
    first = exported(published, uri, schema)
    again = exported(published, uri, schema)
    assert (again.copied, again.unchanged) == ({}, len(first.copied))


def test_of_a_monthly_fact_only_the_month_that_moved_is_copied(published: Published, uri: str, schema: str) -> None:
    exported(published, uri, schema)
    published.change(f"UPDATE {MONTHLY} SET consommation_electricite_mw = 1 WHERE mois = '2024-02'")
    ((of_month,),) = published.rows(f"SELECT count(*) FROM {MONTHLY} WHERE mois = '2024-02'")
    assert exported(published, uri, schema).copied == {MONTHLY: of_month}
    sql = "SELECT mois, sum(consommation_electricite_mw)::BIGINT FROM {} GROUP BY 1 ORDER BY 1"
    assert asked(uri, sql.format(f"{schema}.{MONTHLY}")) == published.rows(sql.format(MONTHLY))
    published.change(f"DELETE FROM {MONTHLY} WHERE mois = '2024-01'")
    assert exported(published, uri, schema).copied == {MONTHLY: 0}
    assert asked(uri, f"SELECT count(*) FROM {schema}.{MONTHLY} WHERE mois = '2024-01'") == [(0,)]


def test_a_table_that_is_made_again_keeps_its_readers_rights_and_relations(
    published: Published, uri: str, schema: str
) -> None:
    exported(published, uri, schema)
    told(uri, f"CREATE ROLE lecteur_{schema}")
    told(uri, f"GRANT SELECT ON {schema}.dim_region, {schema}_vues.v_mix_annuel TO lecteur_{schema}")
    relations = f"SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND connamespace = '{schema}'::regnamespace"
    before = asked(uri, relations)
    published.change("UPDATE dim_region SET nom_region = 'Ailleurs' WHERE code_region = '53'")
    assert exported(published, uri, schema).copied.keys() == {"dim_region"}
    may = "SELECT has_table_privilege('lecteur_{0}', '{0}.dim_region', 'SELECT'), "
    may += "has_table_privilege('lecteur_{0}', '{0}_vues.v_mix_annuel', 'SELECT')"
    assert asked(uri, may.format(schema)) == [(True, True)]
    assert asked(uri, relations) == before
    assert asked(uri, f"SELECT nom_region FROM {schema}.dim_region WHERE code_region = '53'") == [("Ailleurs",)]


def test_a_reader_sees_the_former_publication_until_the_end(published: Published, uri: str, schema: str) -> None:
    exported(published, uri, schema)
    before = published.rows(f"SELECT count(*) FROM {MONTHLY}")
    published.change("UPDATE dim_region SET nom_region = 'Ailleurs'", f"DELETE FROM {MONTHLY} WHERE mois = '2024-01'")
    seen: list[Any] = []

    def look(_line: str) -> None:
        seen.append(asked(uri, f"SELECT count(DISTINCT nom_region) FROM {schema}.dim_region"))
        seen.append(asked(uri, f"SELECT count(*) FROM {schema}.{MONTHLY}"))

    export(published.paths, uri, schema, look)
    assert len(seen) == 4
    assert {tuple(each) for each in seen[::2]} != {((1,),)}
    assert {tuple(each) for each in seen[1::2]} == {tuple(before)}
    assert asked(uri, f"SELECT count(DISTINCT nom_region) FROM {schema}.dim_region") == [(1,)]


def test_an_export_that_is_killed_leaves_the_former_publication(published: Published, uri: str, schema: str) -> None:
    exported(published, uri, schema)
    published.change("UPDATE dim_region SET nom_region = 'Ailleurs'", "UPDATE dim_secteur SET nom_secteur = 'x'")
    with postgres.connect(uri) as connection, connection.cursor() as cursor:
        # The export waits here with one table copied and another to come.
        cursor.execute(f"LOCK TABLE {schema}.dim_secteur IN ACCESS EXCLUSIVE MODE")
        command = [sys.executable, "-m", "dataelec_assets", "export", uri, "--schema", schema]
        environment = {**os.environ, "DATAELEC_LAKE": str(published.paths.root)}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
            waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            for _ in range(300):
                if asked(uri, waiting) != [(0,)]:
                    break
                assert process.poll() is None
                time.sleep(0.1)
            else:
                pytest.fail("the export never came to wait")
            process.kill()
        connection.rollback()
    assert asked(uri, f"SELECT count(*) FROM {schema}.dim_region WHERE nom_region = 'Ailleurs'") == [(0,)]
    left = f"SELECT tablename FROM pg_tables WHERE schemaname = '{schema}' AND tablename LIKE '%__nouveau'"
    assert asked(uri, left) == []
    assert exported(published, uri, schema).copied.keys() == {"dim_region", "dim_secteur"}


def test_a_table_that_is_no_longer_published_goes_and_a_users_own_stays(
    published: Published, uri: str, schema: str
) -> None:
    exported(published, uri, schema)
    told(uri, f"CREATE TABLE {schema}.a_moi (x int)")
    published.change("DROP TABLE mart_stations_en_tension")
    exported(published, uri, schema)
    there = {name for (name,) in asked(uri, f"SELECT tablename FROM pg_tables WHERE schemaname = '{schema}'")}
    assert "mart_stations_en_tension" not in there
    assert {"a_moi", "dim_region"} <= there


def test_a_key_with_a_null_is_unique_all_the_same(published: Published, uri: str, schema: str) -> None:
    row = "'conso', 'region', '53', 2022, NULL"
    published.change(
        f"INSERT INTO fct_indicateur (code_indicateur, maille, code_territoire, annee, sous_champ) VALUES ({row})"
    )
    exported(published, uri, schema)
    kind = "SELECT contype::text FROM pg_constraint WHERE conname = 'fct_indicateur_cle' "
    assert asked(uri, f"{kind} AND connamespace = '{schema}'::regnamespace") == [("u",)]
    with pytest.raises(postgres.IntegrityError):
        told(
            uri,
            f"INSERT INTO {schema}.fct_indicateur (code_indicateur, maille, code_territoire, annee, sous_champ) "
            f"VALUES ({row})",
        )


def test_the_password_is_never_shown(published: Published, capsys: pytest.CaptureFixture[str]) -> None:
    address = "postgresql://moi:s3cret@127.0.0.1:1/base?password=s3cret"
    assert without_password(address) == "postgresql://moi@127.0.0.1:1/base"
    with pytest.raises(DataElecError) as failed:
        export(published.paths, address, "essai", print)
    said = f"{failed.value} {failed.value.advice} {capsys.readouterr().out}"
    assert "s3cret" not in said
    assert "127.0.0.1" in said


def test_another_address_and_an_empty_lake_are_refused_in_a_sentence(tmp_path: Path, uri: str) -> None:
    with pytest.raises(SettingsError, match="not a PostgreSQL address"):
        export(LakePaths(tmp_path), "mysql://127.0.0.1/base", "essai", print)
    with pytest.raises(DataElecError, match="Nothing is published"):
        export(LakePaths(tmp_path), uri, "essai", print)


def test_without_the_driver_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "dataelec_assets.export.postgres")
    for name in ("adbc_driver_postgresql", "adbc_driver_postgresql.dbapi"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SettingsError, match="needs the driver of PostgreSQL") as failed:
        run_export("postgresql://127.0.0.1/base", "essai", print)
    assert "dataelec-assets[postgres]" in str(failed.value.advice)
