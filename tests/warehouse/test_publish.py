"""A publication reads, checks and writes what has changed since the last one, and serves exactly the warehouse.

Longer than 300 lines because every way to lose track of what has changed is tried on the same small warehouse.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import duckdb
import pytest

from dataelec_assets.errors import LakeError, WarehouseError
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse import personal_data, publication, publish, up_to_date
from dataelec_assets.warehouse.build import lake_signatures
from dataelec_assets.warehouse.dbt import NodeResult
from dataelec_assets.warehouse.dictionary import TableDoc
from dataelec_assets.warehouse.parquet_tables import read_index
from dataelec_assets.warehouse.publication import Publication, read_publication
from dataelec_assets.warehouse.renewed import read_marks, write_marks

MONTHLY, DAILY, PLACES = "fct_eco2mix_national", "mart_jour", "dim_lieu"
MONTHS = [f"{MONTHLY}/2025-{month:02d}.parquet" for month in (1, 2, 3)]
PERSON = "Mme Martin 06 12 34 56 78"


class Small:
    """A lake whose warehouse a test writes as a build would.

    Attributes:
        ctx: settings and folders.
        read: tables whose rows the last publication has read, each as often as it did.
        checked: the same, for texts that were checked for persons.
        written: Parquet files that the last publication has written.
        queries: all that were put to the draft.
    """

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ctx = RunContext(Settings(lake=root))
        self.read: list[str] = []
        self.checked: list[str] = []
        self.written: list[str] = []
        self.queries: list[str] = []
        self._patch, self._number = monkeypatch, 0
        monkeypatch.setattr(publish, "table_docs", tuple)
        monkeypatch.setattr(publish, "create_views", lambda _: None)
        monkeypatch.setattr(publish, "create_wide_views", lambda *_: None)
        monkeypatch.setattr(publish, "project_digest", lambda: "p")
        monkeypatch.setattr(up_to_date, "project_digest", lambda: "p")
        monkeypatch.setattr(publish, "warehouse_signatures", lambda ctx: (lake_signatures(ctx), "p"))
        monkeypatch.setattr(publish, "connect", self._connect)
        self.ctx.paths.warehouse.parent.mkdir(parents=True)
        self.build(
            f"CREATE TABLE {MONTHLY} AS SELECT strftime(jour, '%Y-%m') AS mois, jour, 1.5 * day(jour) AS mw, 'lu' AS "
            "statut FROM generate_series(TIMESTAMP '2025-01-01', TIMESTAMP '2025-03-31', INTERVAL 1 DAY) AS t(jour)",
            f"CREATE TABLE {DAILY} AS SELECT jour, mw FROM {MONTHLY}",
            f"CREATE TABLE {PLACES} AS SELECT 'Rivoli' AS nom, 75 AS code",
            # As in the project: a table that each publication may add rows to.
            "CREATE TABLE meta_quarantaine (table_conservee VARCHAR, regle VARCHAR, statut VARCHAR, constat VARCHAR, "
            "depuis TIMESTAMPTZ, version_servie VARCHAR)",
            renewed=[],
        )

    def _connect(self, path: Path, **_: object) -> duckdb.DuckDBPyConnection:
        return Spy(duckdb.connect(str(path)), self)  # type: ignore[return-value]

    def build(self, *statements: str, renewed: Sequence[str], months: Sequence[str] = ()) -> None:
        """Write to the warehouse, and say which tables (and months) were renewed, as a build does."""
        marks = read_marks(self.ctx.paths)
        self.by_hand(*statements)
        results = [NodeResult(f"model.dataelec.{name}", "success", None, None, 0.1) for name in renewed]
        write_marks(self.ctx.paths, marks, results, months)

    def by_hand(self, *statements: str) -> None:
        """Write to the warehouse without a word."""
        with duckdb.connect(
            str(self.ctx.paths.warehouse), config={"storage_compatibility_version": "v1.2.0"}
        ) as connection:
            for statement in statements:
                connection.execute(statement)

    def publish(self, **kept: str) -> Publication:
        """Publish under another id than before."""
        self.read, self.checked, self.written = [], [], []
        self._number += 1
        identifier = f"{self._number:016x}"
        for module in (publish, up_to_date):
            self._patch.setattr(module, "publication_id", lambda *_: identifier)
        return publish.publish(self.ctx, kept)

    @property
    def folder(self) -> Path:
        """Folder of the served Parquet files."""
        return self.ctx.paths.serving / "parquet"

    def file(self, name: str) -> os.stat_result:
        """Return what identifies a served Parquet file."""
        return (self.folder / name).stat()

    def assert_exact(self) -> None:
        """Check that the Parquet files hold exactly the served tables, and these exactly the warehouse's."""
        with duckdb.connect() as connection:
            connection.execute(f"ATTACH '{self.ctx.paths.served_file}' AS served (READ_ONLY)")
            connection.execute(f"ATTACH '{self.ctx.paths.warehouse}' AS built (READ_ONLY)")
            tables = [name for (name,) in connection.execute(
                "SELECT table_name FROM duckdb_tables() WHERE database_name = 'served'").fetchall()]  # fmt: skip
            assert {MONTHLY, DAILY, PLACES, "meta_sources"} <= {*tables}
            known = read_publication(self.ctx.paths.served_file)
            assert known is not None
            assert sorted(known.tables) == sorted(tables)
            files = {*self.folder.rglob("*.parquet")}
            for name in tables:
                single = self.folder / f"{name}.parquet"
                pattern = single if single.exists() else self.folder / name / "*.parquet"
                files -= {single, *(self.folder / name).glob("*.parquet")}
                assert self._differing(connection, f"served.{name}", f"'{pattern}'") == 0, name
                assert connection.execute(f"DESCRIBE FROM '{pattern}'").fetchall() == [
                    (*column[:2], "YES", *column[3:]) for column in connection.execute(
                        f"DESCRIBE FROM served.{name}").fetchall()]  # fmt: skip
                assert connection.execute(f"SELECT count(*) FROM served.{name}").fetchall() == [(known.tables[name],)]
                if not name.startswith("meta"):
                    assert self._differing(connection, f"served.{name}", f"built.{name}") == 0, name
            assert not files

    @staticmethod
    def _differing(connection: duckdb.DuckDBPyConnection, one: str, other: str) -> int:
        ((count,),) = connection.execute(
            f"SELECT (SELECT count(*) FROM (FROM {one} EXCEPT ALL FROM {other})) + "
            f"(SELECT count(*) FROM (FROM {other} EXCEPT ALL FROM {one}))"
        ).fetchall()
        return int(count)


class Spy:
    """A connection that tells what is read, checked and written."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, small: Small) -> None:
        self._connection, self._small = connection, small

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._connection.close()

    def cursor(self) -> Spy:
        """Return one of its own for a thread; it tells the same lake."""
        return Spy(self._connection.cursor(), self._small)

    def execute(self, query: str, *arguments: object) -> duckdb.DuckDBPyConnection:
        """Execute a query as it is."""
        named = [name for name in (MONTHLY, DAILY, PLACES) if f'main."{name}"' in query]
        self._small.read += named if "hash(" in query else []
        self._small.checked += named if "regexp_matches" in query else []
        self._small.queries.append(query)
        if query.startswith("COPY") and named:
            path = query.partition(" TO '")[2].partition("'")[0]
            self._small.written.append(path.partition("/parquet-")[2].partition("/")[2])
        return self._connection.execute(query, *arguments)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Small]:
    """Return a lake that was published once."""
    lake = Small(tmp_path / "lake", monkeypatch)
    lake.publish()
    assert {*lake.read} == {MONTHLY, DAILY, PLACES}
    assert {*lake.checked} == {MONTHLY, PLACES}  # the other one has no text
    assert sorted(lake.written) == [f"{PLACES}.parquet", *MONTHS, f"{DAILY}.parquet"]
    lake.assert_exact()
    yield lake
    lake.assert_exact()


def test_what_no_build_has_renewed_is_neither_read_nor_checked_nor_written(small: Small) -> None:
    before = {path: small.file(path).st_ino for path in MONTHS}
    small.publish()
    assert (small.read, small.checked, small.written) == ([], [], [])
    assert {path: small.file(path).st_ino for path in MONTHS} == before


def test_of_a_fact_only_the_renewed_month_is_read_checked_and_written(small: Small) -> None:
    before = {path: small.file(path).st_ino for path in MONTHS}
    small.build(f"UPDATE {MONTHLY} SET mw = 7 WHERE jour = '2025-02-03'", renewed=[MONTHLY], months=["2025-02"])
    small.publish()
    assert (small.read, small.checked, small.written) == ([MONTHLY], [MONTHLY], [MONTHS[1]])
    assert [path for path in MONTHS if small.file(path).st_ino == before[path]] == [MONTHS[0], MONTHS[2]]
    of_rows = [query for query in small.queries if f'main."{MONTHLY}"' in query][-5:]
    assert ["WHERE mois IN ('2025-02')" in query for query in of_rows] == [True, False, True, True, True]
    assert of_rows[1] == f'SELECT count(*) FROM main."{MONTHLY}"'


def test_a_new_month_is_a_new_file_and_one_without_rows_goes(small: Small) -> None:
    small.build(
        f"DELETE FROM {MONTHLY} WHERE mois = '2025-01'",
        f"INSERT INTO {MONTHLY} VALUES ('2025-04', '2025-04-01', 3, 'lu')",
        renewed=[MONTHLY],
        months=["2025-01", "2025-04"],
    )
    small.publish()
    assert small.written == [f"{MONTHLY}/2025-04.parquet"]
    assert sorted(path.name for path in (small.folder / MONTHLY).iterdir()) == [
        "2025-02.parquet",
        "2025-03.parquet",
        "2025-04.parquet",
    ]


def test_a_fact_without_rows_is_a_folder_with_an_empty_file_until_it_has_some(small: Small) -> None:
    small.build(f"DELETE FROM {MONTHLY}", renewed=[MONTHLY])
    small.publish()
    assert [path.name for path in (small.folder / MONTHLY).iterdir()] == ["vide.parquet"]
    small.publish()
    assert small.written == []
    small.assert_exact()
    small.build(
        f"INSERT INTO {MONTHLY} VALUES ('2025-04', '2025-04-01', 3, 'lu')", renewed=[MONTHLY], months=["2025-04"]
    )
    small.publish()
    assert [path.name for path in (small.folder / MONTHLY).iterdir()] == ["2025-04.parquet"]


def test_rows_without_a_month_have_a_file_of_their_own(small: Small) -> None:
    small.build(f"INSERT INTO {MONTHLY} VALUES (NULL, NULL, 3, 'lu'), ('', NULL, 4, 'lu')", renewed=[MONTHLY])
    small.publish()
    assert small.written == [f"{MONTHLY}/sans_mois.parquet"]


@pytest.mark.parametrize("months", [(), ("2025-02",)])
def test_what_is_built_again_to_the_same_rows_is_read_and_nothing_more(small: Small, months: Sequence[str]) -> None:
    small.build(
        f"CREATE OR REPLACE TABLE {DAILY} AS FROM {DAILY} ORDER BY mw DESC",
        f"CREATE OR REPLACE TABLE {MONTHLY} AS FROM {MONTHLY} ORDER BY mw DESC",
        renewed=[MONTHLY, DAILY],
        months=months,
    )
    small.publish()
    assert (sorted(small.read), small.checked, small.written) == ([MONTHLY, DAILY], [], [])
    small.publish()
    assert small.read == []


def test_a_model_that_wrote_outside_its_months_is_found_out(small: Small) -> None:
    small.build(f"DELETE FROM {MONTHLY} WHERE jour = '2025-01-01'", renewed=[MONTHLY], months=["2025-02"])
    small.publish()
    assert small.written == [MONTHS[0]]


def test_a_build_that_was_cut_short_leaves_nothing_known(small: Small) -> None:
    small.by_hand(f"UPDATE {MONTHLY} SET mw = 7 WHERE jour = '2025-02-03'")  # its marks were never written
    assert read_marks(small.ctx.paths) is None
    small.publish()
    assert {*small.read} == {MONTHLY, DAILY, PLACES}
    assert (small.checked, small.written) == ([MONTHLY], [MONTHS[1]])
    small.assert_exact()
    # The next build names one table, and what the cut one did to others is still not taken for known.
    small.by_hand(f"UPDATE {MONTHLY} SET mw = 8 WHERE jour = '2025-03-03'")
    small.build(f"UPDATE {PLACES} SET code = 76", renewed=[PLACES])
    small.publish()
    assert {*small.read} == {MONTHLY, DAILY, PLACES}
    assert sorted(small.written) == [f"{PLACES}.parquet", MONTHS[2]]


def test_what_a_build_that_was_cut_short_has_done_is_not_hidden_by_the_next_build(small: Small) -> None:
    small.by_hand(f"UPDATE {MONTHLY} SET mw = 8 WHERE jour = '2025-03-03'")
    small.build(f"UPDATE {PLACES} SET code = 76", renewed=[PLACES])
    small.publish()
    assert sorted(small.written) == [f"{PLACES}.parquet", MONTHS[2]]


def test_a_log_that_the_warehouse_has_not_taken_in_leaves_nothing_known(small: Small) -> None:
    log = small.ctx.paths.warehouse.with_name("warehouse.duckdb.wal")
    log.touch()
    assert read_marks(small.ctx.paths) is None
    log.unlink()
    assert read_marks(small.ctx.paths) is not None


def test_a_full_build_is_read_as_a_whole(small: Small) -> None:
    small.build(
        f"CREATE OR REPLACE TABLE {MONTHLY} AS SELECT * REPLACE (mw + 1 AS mw) FROM {MONTHLY} WHERE mois > '2025-01'",
        renewed=[MONTHLY, DAILY, PLACES],
    )
    small.publish()
    assert {*small.read} == {MONTHLY, DAILY, PLACES}
    assert small.written == MONTHS[1:]


def test_a_lost_warehouse_that_is_built_again_costs_no_file(small: Small) -> None:
    copy = small.ctx.paths.root / "copy.duckdb"
    shutil.copy(small.ctx.paths.warehouse, copy)
    shutil.rmtree(small.ctx.paths.warehouse.parent)
    small.ctx.paths.warehouse.parent.mkdir()
    shutil.copy(copy, small.ctx.paths.warehouse)
    small.publish()
    assert {*small.read} == {MONTHLY, DAILY, PLACES}
    assert (small.checked, small.written) == ([], [])


def test_a_kept_table_is_served_as_it_was_and_taken_up_when_it_is_well_again(small: Small) -> None:
    small.build(
        f"UPDATE {DAILY} SET mw = 0", f"UPDATE {MONTHLY} SET mw = 0 WHERE mois = '2025-01'", renewed=[DAILY, MONTHLY]
    )
    small.publish(**{DAILY: "une règle : c.martin@exemple.fr", MONTHLY: "une règle"})
    assert small.written == []
    served = duckdb.connect(str(small.ctx.paths.served_file), read_only=True)
    with served:
        assert served.execute(f"SELECT min(mw) > 0 FROM {DAILY}").fetchall() == [(True,)]
        # What a database says of a failure may quote a value.
        assert served.execute("SELECT constat FROM meta_quarantaine ORDER BY 1").fetchall() == [
            ("une règle",),
            ("une règle : [masqué]",),
        ]
    for name in (DAILY, MONTHLY):
        files = small.folder / f"{name}.parquet" if name == DAILY else small.folder / name / "*.parquet"
        assert duckdb.execute(f"SELECT min(mw) > 0 FROM '{files}'").fetchall() == [(True,)]
    # Nothing is built any more: the tables are taken as they are.
    small.publish()
    assert sorted(small.written) == [MONTHS[0], f"{DAILY}.parquet"]


@pytest.mark.parametrize("months", [(), ("2025-02",)])
def test_a_person_in_what_was_renewed_is_not_published(small: Small, months: Sequence[str]) -> None:
    before = small.ctx.paths.served_file.read_bytes()
    small.build(f"UPDATE {MONTHLY} SET statut = '{PERSON}' WHERE jour = '2025-02-03'", renewed=[MONTHLY], months=months)
    for _ in range(2):  # a refusal is not remembered as a check
        with pytest.raises(WarehouseError, match=rf"{MONTHLY}\.statut holds .* in 1 row"):
            small.publish()
    assert small.ctx.paths.served_file.read_bytes() == before
    small.build(f"UPDATE {MONTHLY} SET statut = 'lu' WHERE jour = '2025-02-03'", renewed=[MONTHLY], months=months)
    small.publish()


def test_a_person_that_nobody_says_was_written_is_not_published(small: Small) -> None:
    small.by_hand(f"UPDATE {PLACES} SET nom = '{PERSON}'")
    with pytest.raises(WarehouseError, match=rf"{PLACES}\.nom"):
        small.publish()
    small.by_hand(f"UPDATE {PLACES} SET nom = 'Rivoli'")
    small.publish()


def test_other_rules_of_personal_data_have_everything_checked_again(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(personal_data, "PERSONAL_VALUE", "Rivoli")
        with pytest.raises(WarehouseError, match=rf"{PLACES}\.nom"):
            small.publish()
        assert {*small.checked} == {MONTHLY, PLACES}
        patch.setattr(personal_data, "PERSONAL_VALUE", "Montparnasse")
        small.publish()
        assert ({*small.checked}, small.read, small.written) == ({MONTHLY, PLACES}, [], [])
        small.publish()
        assert small.checked == []


def test_a_personal_name_is_refused_although_nothing_was_renewed(small: Small) -> None:
    small.build("CREATE SCHEMA staging", "CREATE VIEW staging.v AS SELECT 1 AS telephone", renewed=[])
    with pytest.raises(WarehouseError, match=r"v\.telephone"):
        small.publish()
    small.build("DROP SCHEMA staging CASCADE", renewed=[])
    small.publish()


@pytest.mark.parametrize(
    "change", ["ADD COLUMN pays VARCHAR", "ALTER code TYPE BIGINT", "RENAME code TO numero"], ids=str.split
)
def test_other_columns_have_a_table_written_again_although_no_build_renewed_it(small: Small, change: str) -> None:
    small.build(f"ALTER TABLE {PLACES} {change}", renewed=[])
    small.publish()
    assert (small.read, small.checked, small.written) == ([PLACES], [PLACES], [f"{PLACES}.parquet"])


def test_what_another_version_of_duckdb_has_written_is_written_again(small: Small) -> None:
    index = small.folder / "index.json"
    content = json.loads(index.read_text(encoding="utf-8"))
    index.write_text(json.dumps(content | {"engine": "v1.0.0"}), encoding="utf-8")
    small.publish()
    assert {*small.read} == {MONTHLY, DAILY, PLACES}
    assert len(small.written) == 5


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"form": 1}', None])
def test_without_an_index_everything_is_written_again(small: Small, damage: str | None) -> None:
    index = small.folder / "index.json"
    index.unlink() if damage is None else index.write_text(damage, encoding="utf-8")
    assert read_index(small.folder) is None
    small.publish()
    assert len(small.written) == 5


def test_without_any_parquet_folder_everything_is_written_again(small: Small) -> None:
    shutil.rmtree(small.folder.resolve())
    small.publish()
    assert len(small.written) == 5


@pytest.mark.parametrize("damage", ["deleted", "changed in place", "cut", "of another time"])
def test_a_parquet_file_that_is_not_as_it_was_written_is_written_again(small: Small, damage: str) -> None:
    file = small.folder / MONTHS[1]
    if damage == "deleted":
        file.unlink()
    elif damage == "changed in place":
        file.write_bytes(bytes(reversed(file.read_bytes())))
    elif damage == "cut":
        os.truncate(file, 100)
        os.utime(file, ns=(0, read_index(small.folder).tables[MONTHLY].parts["2025-02"].mtime_ns))  # type: ignore[union-attr]
    else:
        os.utime(file, ns=(0, 0))
    small.publish()
    assert (small.read, small.checked, small.written) == ([], [], [MONTHS[1]])


def test_where_there_are_no_links_unchanged_files_are_copied(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no links here")

    before = {path: small.file(path).st_ino for path in MONTHS}
    monkeypatch.setattr(os, "link", refuse)
    for _ in range(2):
        small.publish()
        assert small.written == []
    assert all(small.file(path).st_ino != number for path, number in before.items())


def test_the_data_package_lists_the_months_and_says_what_the_tables_are(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    docs = [TableDoc(name, f"Table {name}", (), (), ()) for name in (MONTHLY, PLACES)]
    monkeypatch.setattr(publish, "table_docs", lambda: docs)
    monkeypatch.setattr(publish, "project_digest", lambda: "q")
    monkeypatch.setattr(publish, "warehouse_signatures", lambda ctx: (lake_signatures(ctx), "q"))
    found = []
    for _ in range(2):
        small.publish()
        package = json.loads((small.folder / "datapackage.json").read_text(encoding="utf-8"))
        found.append([(each["name"], each["path"], each["description"]) for each in package["resources"]])
        monkeypatch.setattr(publish, "table_docs", lambda: pytest.fail("the same project is read again"))
    assert found[0] == [(MONTHLY, MONTHS, f"Table {MONTHLY}"), (PLACES, f"{PLACES}.parquet", f"Table {PLACES}")]
    assert found[1] == found[0]
    for each in package["resources"]:
        for file in each.get("files", [each]):
            content = (small.folder / file["path"]).read_bytes()
            assert (file["bytes"], file["hash"]) == (len(content), f"sha256:{hashlib.sha256(content).hexdigest()}")


@contextmanager
def as_somebody_else(folder: Path) -> Iterator[None]:
    """Own the files of a folder as a user without privileges, since root may write to any file."""
    if os.geteuid() != 0:
        yield
        return
    nobody = 65534
    modes = {each: each.stat().st_mode for each in folder.parents if each.stat().st_uid == 0}
    for each, mode in modes.items():
        each.chmod(mode | stat.S_IXOTH | stat.S_IXGRP)  # to be walked through; the group stays root's
    for each in (folder, *folder.iterdir()):
        os.chown(each, nobody, nobody, follow_symlinks=False)
    os.seteuid(nobody)
    try:
        yield
    finally:
        os.seteuid(0)
        for each, mode in modes.items():
            each.chmod(mode)


def test_no_tool_can_write_to_what_is_served(small: Small) -> None:
    small.publish()
    served = small.ctx.paths.served_file
    files = [served, *served.with_name("parquet").resolve().rglob("*.parquet")]
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o444}
    with as_somebody_else(served.parent):
        with pytest.raises(duckdb.IOException, match="Permission denied"):
            duckdb.connect(str(served))
        with duckdb.connect(str(served), read_only=True) as reader:
            assert reader.execute(f"SELECT count(*) FROM {PLACES}").fetchall() == [(1,)]


def test_a_reader_keeps_its_publication_while_the_next_one_takes_its_place(small: Small) -> None:
    small.publish()
    served, query = small.ctx.paths.served_file, f"SELECT sum(mw), count(*) FROM {MONTHLY}"
    script = (
        "import duckdb, sys\n"
        "reader = duckdb.connect(sys.argv[1], read_only=True)\n"
        "for _ in sys.stdin:\n"
        "    print(*reader.execute(sys.argv[2]).fetchone(), flush=True)\n"
    )
    command = [sys.executable, "-c", script, str(served), query]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None

        def asked() -> str:
            print(file=reader.stdin, flush=True)
            return reader.stdout.readline()  # type: ignore[union-attr]  # there, as just asserted

        before = asked()
        small.build(f"UPDATE {MONTHLY} SET mw = mw + 1", renewed=[MONTHLY], months=["2025-01", "2025-02", "2025-03"])
        small.publish()
        assert asked() == before
        reader.stdin.close()
    with duckdb.connect(str(served), read_only=True) as fresh:
        assert "{} {}\n".format(*fresh.execute(query).fetchone() or ()) != before
    assert stat.S_IMODE(served.stat().st_mode) == 0o444


def test_what_is_served_is_known_without_opening_it(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    path = small.ctx.paths.served_file
    with monkeypatch.context() as patch:
        patch.setattr(publication, "connect", lambda *_, **__: pytest.fail("the served file is opened"))
        known = read_publication(path)
        assert up_to_date.is_up_to_date(small.ctx)
    path.with_name("publication.json").unlink()
    assert known == read_publication(path)
    assert known is not None
    assert known.tables[MONTHLY] == 90
    assert up_to_date.is_up_to_date(small.ctx)


@pytest.mark.parametrize("damage", ["", "[]", "{}", '{"file": null}'])
def test_a_damaged_record_of_the_publication_does_no_harm(small: Small, damage: str) -> None:
    known = read_publication(small.ctx.paths.served_file)
    small.ctx.paths.served_file.with_name("publication.json").write_text(damage, encoding="utf-8")
    assert read_publication(small.ctx.paths.served_file) == known


def test_a_served_file_that_is_lost_damaged_or_replaced_is_noticed(small: Small) -> None:
    path, copy = small.ctx.paths.served_file, small.ctx.paths.root / "copy.duckdb"
    shutil.copy2(path, copy)
    older = read_publication(path)
    small.publish()
    path.unlink()
    assert read_publication(path) is None
    assert not up_to_date.is_up_to_date(small.ctx)
    shutil.copy2(copy, path)
    assert read_publication(path) == older
    assert not up_to_date.is_up_to_date(small.ctx)
    path.write_bytes(b"x" * path.stat().st_size)
    with pytest.raises(LakeError, match="cannot be read"):
        read_publication(path)
    shutil.copy2(copy, path)
    small.publish()
    assert up_to_date.is_up_to_date(small.ctx)


def test_a_publication_that_dies_before_its_record_is_written_is_completed(
    small: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    small.build(f"UPDATE {PLACES} SET code = 76", renewed=[PLACES])
    with monkeypatch.context() as patch:
        patch.setattr(publish, "record_publication", die)
        with pytest.raises(KeyboardInterrupt):
            small.publish()
    assert not up_to_date.is_up_to_date(small.ctx)
    assert publish.publish(small.ctx).publication_id == f"{2:016x}"
    assert up_to_date.is_up_to_date(small.ctx)
    assert len(list(small.ctx.paths.serving.glob("parquet-*"))) == 1
