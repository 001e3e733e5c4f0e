"""Two publications are compared by schema, by rows and by values, table by table and month by month."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.errors import LakeError
from dataelec_assets.warehouse.diff import Difference, compare_publications

DAYS = (
    "CREATE TABLE fct_jours AS SELECT DATE '2019-01-30' + CAST(n AS INTEGER) AS date, 'FR' AS code, "
    "CAST(n AS DOUBLE) AS mw, 1.5 AS mwh FROM range(4) AS t(n)"
)
FUELS = "CREATE TABLE dim_filiere AS FROM (VALUES ('gaz', 1), ('eolien', 2)) AS t(filiere, rang)"
PUBLICATION = "CREATE TABLE meta_publication AS SELECT uuid() AS publication_id"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return what writes a publication with two tables, changed by some statements."""

    def written(name: str, *changes: str) -> Path:
        path = tmp_path / f"{name}.duckdb"
        path.unlink(missing_ok=True)
        with duckdb.connect(str(path)) as connection:
            for statement in (DAYS, FUELS, PUBLICATION, *changes):
                connection.execute(statement)
        return path

    return written


def found(write: Write, *changes: str) -> list[Difference]:
    return compare_publications(write("before"), write("after", *changes))


def test_publications_that_hold_the_same_in_another_order_do_not_differ(write: Write) -> None:
    assert found(write, "CREATE OR REPLACE TABLE fct_jours AS FROM fct_jours ORDER BY date DESC") == []
    assert compare_publications(write("one"), write("one")) == []


def test_a_value_is_told_with_its_table_its_month_and_its_column(write: Write) -> None:
    assert found(write, "UPDATE fct_jours SET mw = 9 WHERE date >= DATE '2019-02-01'") == [
        Difference("fct_jours", "values", "2019-02", "2 row(s) only here", "2 row(s) only here", ("mw",))
    ]


def test_a_value_that_becomes_null_differs_from_one_that_is_there(write: Write) -> None:
    (difference,) = found(write, "UPDATE fct_jours SET mwh = NULL WHERE date = DATE '2019-01-31'")
    assert (difference.kind, difference.month, difference.columns) == ("values", "2019-01", ("mwh",))


def test_rows_are_counted_by_month(write: Write) -> None:
    deleted = found(write, "DELETE FROM fct_jours WHERE date >= DATE '2019-02-01'")
    assert deleted == [Difference("fct_jours", "rows", "2019-02", "2", "0")]


def test_a_row_that_is_there_twice_is_not_lost_as_in_a_set(write: Write) -> None:
    rows, values = found(write, "INSERT INTO fct_jours FROM fct_jours WHERE date = DATE '2019-01-31'")
    assert rows == Difference("fct_jours", "rows", "2019-01", "2", "3")
    assert (values.before, values.after) == ("0 row(s) only here", "1 row(s) only here")


def test_equal_rows_that_are_all_revised_differ(write: Write) -> None:
    twice = "INSERT INTO fct_jours FROM fct_jours WHERE date = DATE '2019-01-31'"
    revised = "UPDATE fct_jours SET mw = 9 WHERE date = DATE '2019-01-31'"
    (difference,) = compare_publications(write("before", twice), write("after", twice, revised))
    assert (difference.before, difference.columns) == ("2 row(s) only here", ("mw",))


def test_values_that_have_swapped_their_rows_differ(write: Write) -> None:
    swapped = "UPDATE fct_jours SET mw = CASE mw WHEN 0 THEN 1 ELSE 0 END WHERE mw IN (0, 1)"
    # Every column holds what it held, no row does.
    assert found(write, swapped) == [
        Difference("fct_jours", "values", "2019-01", "2 row(s) only here", "2 row(s) only here", ())
    ]


def test_a_table_without_a_date_has_no_month(write: Write) -> None:
    assert found(write, "UPDATE dim_filiere SET rang = 3 WHERE filiere = 'eolien'") == [
        Difference("dim_filiere", "values", None, "1 row(s) only here", "1 row(s) only here", ("rang",))
    ]


def test_columns_that_come_go_or_change_their_type_are_told_and_the_others_are_compared(write: Write) -> None:
    changes = [
        "ALTER TABLE fct_jours DROP mwh",
        "ALTER TABLE fct_jours ADD COLUMN gwh DOUBLE",
        "ALTER TABLE fct_jours ALTER mw TYPE INTEGER",
        "UPDATE fct_jours SET code = 'FX' WHERE date = DATE '2019-01-30'",
    ]
    assert found(write, *changes) == [
        Difference("fct_jours", "schema", None, "DOUBLE", "INTEGER", ("mw",)),
        Difference("fct_jours", "schema", None, "DECIMAL(2,1)", "absent", ("mwh",)),
        Difference("fct_jours", "schema", None, "absent", "DOUBLE", ("gwh",)),
        Difference("fct_jours", "values", "2019-01", "1 row(s) only here", "1 row(s) only here", ("code",)),
    ]


def test_tables_that_only_one_of_them_has_are_told(write: Write) -> None:
    assert found(write, "DROP TABLE dim_filiere", "CREATE TABLE dim_region (code VARCHAR)") == [
        Difference("dim_filiere", "table", None, "present", "absent"),
        Difference("dim_region", "table", None, "absent", "present"),
    ]


def test_the_folder_of_a_lake_or_of_what_it_serves_stands_for_the_file(write: Write, tmp_path: Path) -> None:
    served = tmp_path / "lake" / "serving" / "dataelec.duckdb"
    served.parent.mkdir(parents=True)
    write("before").rename(served)
    other = write("after", "DROP TABLE dim_filiere")
    for folder in (tmp_path / "lake", served.parent):
        assert [each.table for each in compare_publications(folder, other)] == ["dim_filiere"]


def test_what_is_missing_or_no_publication_is_named(write: Write, tmp_path: Path) -> None:
    there = write("before")
    with pytest.raises(LakeError, match=r"absent\.duckdb does not exist\. Name a DuckDB file"):
        compare_publications(tmp_path / "absent.duckdb", there)
    (tmp_path / "folder").mkdir()
    with pytest.raises(LakeError, match="folder holds no served file"):
        compare_publications(there, tmp_path / "folder")
    (tmp_path / "notes.txt").write_text("no database", encoding="utf-8")
    with pytest.raises(LakeError, match=r"notes\.txt cannot be read: .* Name two served DuckDB files"):
        compare_publications(there, tmp_path / "notes.txt")
