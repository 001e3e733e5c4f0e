"""How dbt is run, on a project of three models: what it says of each, how a table replaces another."""

from __future__ import annotations

import duckdb
import pytest
from dbt_common.events.event_manager_client import get_event_manager

from dataelec_assets.warehouse.dbt import run_dbt
from tests.warehouse.small_project import FILES, TABLE, VIEW, SmallProject

BUILT = {"premier": ("success", None), "second": ("success", None), "troisieme": ("success", None)}


def test_a_finding_that_is_listed_stays_so_when_the_sql_of_its_test_has_changed(small: SmallProject) -> None:
    assert small.build() == {**BUILT, "trouvee": ("warn", 1)}
    small.write("tests/trouvee.sql", "select * from {{ ref('premier') }} where valeur > -1")
    assert small.build() == {**BUILT, "trouvee": ("warn", 1)}


def test_a_model_that_fails_leaves_the_table_as_it_was(small: SmallProject) -> None:
    small.build()
    for name, fault in {
        "premier.sql": TABLE + "select error('panne') as valeur",
        "troisieme.py": FILES["models/troisieme.py"].replace("[3]", "1 / 0"),
    }.items():
        small.write(f"models/{name}", fault)
    broken = small.build()
    assert [broken[name][0] for name in ("premier", "second", "troisieme")] == ["error", "skipped", "error"]
    assert small.query("FROM premier UNION ALL FROM second UNION ALL FROM troisieme ORDER BY 1") == [(1,), (2,), (3,)]
    for name in ("premier.sql", "troisieme.py"):
        small.write(f"models/{name}", FILES[f"models/{name}"].replace("1 as", "7 as").replace("[3]", "[9]"))
    assert small.build() == {**BUILT, "trouvee": ("warn", 1)}
    assert small.query("FROM premier UNION ALL FROM second UNION ALL FROM troisieme ORDER BY 1") == [(7,), (8,), (9,)]


# A model that fails for as long as a second one can run beside it, with the words of an engine without memory left.
_ALONE = TABLE + "select case when {{ target.threads }} > 1 then error('%s') else 5 end as valeur"


def test_a_model_that_lacked_memory_is_run_again_by_itself_with_what_waited_for_it(small: SmallProject) -> None:
    small.write("models/premier.sql", _ALONE % "Out of Memory Error: could not allocate block")
    assert small.build() == {**BUILT, "trouvee": ("warn", 1)}
    assert small.query("FROM premier UNION ALL FROM second ORDER BY 1") == [(5,), (6,)]


def test_a_model_that_never_has_enough_memory_is_broken_after_the_second_run(small: SmallProject) -> None:
    small.write("models/premier.sql", TABLE + "select error('Out of Memory Error: no block') as valeur")
    broken = small.build()
    assert [broken[name][0] for name in ("premier", "second", "troisieme")] == ["error", "skipped", "success"]


def test_nothing_is_run_again_when_anything_else_has_failed(small: SmallProject) -> None:
    small.write("models/premier.sql", _ALONE % "Out of Memory Error: could not allocate block")
    small.write("models/troisieme.py", FILES["models/troisieme.py"].replace("[3]", "1 / 0"))
    broken = small.build()
    assert [broken[name][0] for name in ("premier", "second", "troisieme")] == ["error", "skipped", "error"]


def test_a_view_takes_the_place_of_a_table_and_a_table_that_of_a_view(small: SmallProject) -> None:
    small.build()
    small.write("models/premier.sql", VIEW + "select 4 as valeur")
    small.write("models/second.sql", TABLE + "select valeur + 1 as valeur from {{ ref('premier') }}")
    assert small.build() == {**BUILT, "trouvee": ("warn", 1)}
    assert small.query("SELECT table_name, table_type FROM information_schema.tables ORDER BY ALL") == [
        ("premier", "VIEW"),
        ("second", "BASE TABLE"),
        ("troisieme", "BASE TABLE"),
    ]
    assert small.query("FROM second") == [(5,)]


def test_a_table_and_its_columns_carry_their_descriptions(small: SmallProject) -> None:
    small.build()
    assert small.query("SELECT comment FROM duckdb_tables() WHERE table_name = 'premier'") == [("Le $premier's",)]
    columns = "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'premier'"
    assert small.query(columns) == [("valeur", "Une valeur (MW).")]


def test_a_column_that_is_described_and_absent_stops_the_build(small: SmallProject) -> None:
    small.write("models/premier.yml", FILES["models/premier.yml"].replace("name: valeur", "name: absente"))
    assert small.build()["premier"][0] == "error"


def test_failures_of_a_test_can_be_stored(small: SmallProject) -> None:
    assert small.build("--store-failures")["trouvee"] == ("warn", 1)
    assert small.query("SELECT count(*) FROM information_schema.tables WHERE table_name = 'trouvee'") == [(1,)]


def test_dbt_writes_faults_to_its_log_and_nothing_else(small: SmallProject) -> None:
    manager = get_event_manager()
    log = small.paths.root / "dbt" / "dbt.log"
    small.build()
    lines = [line for line in log.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert any("trouvee" in line for line in lines)
    assert not [line for line in lines if "[info" in line or "[debug" in line]
    small.write("models/premier.sql", TABLE + "select error('panne') as valeur")
    small.build("--select", "premier")
    assert "panne" in log.read_text(encoding="utf-8")
    assert get_event_manager() is manager


INCREMENTAL = TABLE.replace("table", "incremental")


def test_a_table_that_is_renewed_takes_no_other_columns(small: SmallProject) -> None:
    small.write("models/premier.sql", INCREMENTAL + "select 1 as valeur")
    assert small.build("--select", "premier")["premier"][0] == "success"
    small.write("models/premier.sql", INCREMENTAL + "select 2 as valeur, 3 as autre")
    assert small.build("--select", "premier")["premier"][0] == "error"
    small.write("models/premier.sql", INCREMENTAL + "select 2 as valeur where false")
    assert small.build("--select", "premier")["premier"][0] == "success"
    small.write("models/premier.sql", INCREMENTAL + "select 2 as autre")
    assert small.build("--select", "premier")["premier"][0] == "error"
    assert small.query("FROM premier") == [(1,)]
    small.write("models/premier.sql", INCREMENTAL + "select 5 as valeur")
    assert small.build("--full-refresh", "--select", "premier")["premier"][0] == "success"
    assert small.query("FROM premier") == [(5,)]


@pytest.mark.parametrize("kind", ["table", "incremental"])
def test_a_table_that_lacks_only_its_rows_is_not_made_again(small: SmallProject, kind: str) -> None:
    small.write("models/premier.sql", TABLE.replace("table", kind) + "select 1 as valeur")
    small.build()
    with duckdb.connect(str(small.paths.warehouse)) as connection:
        # A table that is made again has the comment of the project.
        connection.execute("DELETE FROM premier; COMMENT ON TABLE premier IS 'as it was'")
    comment = "SELECT comment FROM duckdb_tables() WHERE table_name = 'premier'"
    filled = run_dbt(small.paths, ["run", "--full-refresh"], is_empty=True)
    assert {each.status for each in filled} == {"success"}
    assert small.query("FROM premier UNION ALL FROM second UNION ALL FROM troisieme ORDER BY 1") == [(1,), (2,), (3,)]
    assert small.query(comment) == [("as it was",)]
    assert {each.status for each in run_dbt(small.paths, ["run", "--full-refresh"])} == {"success"}
    assert small.query(comment) == [("Le $premier's",)]


_BY_YEAR = INCREMENTAL + (
    "select mois, count(*) over () as valeur from "
    "(values ('1999-12'), ('2020-01'), ('2020-12'), ('2021'), ('2021-05'), ('2031-01'), ('sans'), (null)) as t (mois) "
    "where {{ dans_la_tranche() }}"
)


@pytest.mark.parametrize(
    ("years", "together"),
    [((), 8), (("2020",), 8), (("2020", "2021", "2022"), None)],
    ids=["no year", "one year", "three years"],
)
def test_an_empty_table_is_filled_year_by_year_and_holds_every_row_once(
    small: SmallProject, years: tuple[str, ...], together: int | None
) -> None:
    small.write("models/premier.sql", _BY_YEAR)
    assert small.build("--select", "premier")["premier"][0] == "success"
    with duckdb.connect(str(small.paths.warehouse)) as connection:
        connection.execute("DELETE FROM premier")
    run_dbt(small.paths, ["run", "--full-refresh", "--select", "premier"], is_empty=True, years=years)
    by_year = {"1999-12": 3, "2020-01": 3, "2020-12": 3, "2021": 2, "2021-05": 2, "2031-01": 2, "sans": 2, None: 1}
    expected = {month: together or count for month, count in by_year.items()}
    assert small.query("FROM premier ORDER BY mois") == list(expected.items())


@pytest.mark.parametrize("months", [(), ("2020-01",)], ids=["all", "one month"])
def test_a_table_is_filled_again_and_keeps_its_comments(small: SmallProject, months: tuple[str, ...]) -> None:
    comment = "SELECT comment FROM duckdb_tables() WHERE table_name = 'premier'"
    small.build()
    before = small.query(comment)
    assert before != [(None,)]
    assert {each.status for each in run_dbt(small.paths, ["run"], months=months)} == {"success"}
    assert small.query("FROM premier UNION ALL FROM second UNION ALL FROM troisieme ORDER BY 1") == [(1,), (2,), (3,)]
    assert small.query(comment) == before
    assert small.query("SELECT table_name FROM duckdb_tables() ORDER BY 1") == [("premier",), ("troisieme",)]
