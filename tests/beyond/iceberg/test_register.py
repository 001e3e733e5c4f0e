"""A catalogue has one snapshot and one tag for each publication, and shows each of them for as long as it is kept."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from tests.beyond.iceberg.conftest import COPY, DAILY, EMPTY, FACT, MONTHLY, WHOLE, Lake, half_hours

pytestmark = pytest.mark.beyond


def test_every_table_of_the_publication_and_of_the_lake_is_there_without_a_file_rewritten(lake: Lake) -> None:
    done = lake.register()
    assert lake.names() == {
        *(f"publication.{name}" for name in (MONTHLY, WHOLE, EMPTY)),
        *(COPY, "copies.jours_feries", "copies.vacances_scolaires"),
    }
    assert lake.consumption() == {"2024-01": 100, "2024-02": 200}
    assert [row["nom_region"] for row in lake.rows(f"publication.{WHOLE}")] == ["Nouvelle-Aquitaine"]
    assert {row["perimetre"] for row in lake.rows("copies.jours_feries")} == {"France", "Alsace-Moselle"}
    copies = {path.stat().st_ino for path in lake.ctx.paths.root.glob("iceberg/*/*/data/*")}
    originals = {path.stat().st_ino for path in lake.ctx.paths.root.glob("[ps]*/**/*.parquet")}
    assert copies
    assert copies <= originals
    assert done.swept == 0


def test_the_month_of_a_copy_is_a_column_though_it_is_not_in_the_file(lake: Lake) -> None:
    lake.register()
    rows = lake.rows(COPY, columns=("mois", "consommation_brute_electricite_rte"))
    assert {tuple(row.values()) for row in rows} == {(1.0, "2024-01"), (2.0, "2024-02")}
    assert len(rows) == 56


@pytest.mark.parametrize("condition", ["mois = '2024-02'", "date >= '2024-02-01'"])
def test_a_month_and_a_date_lead_to_one_file(lake: Lake, condition: str) -> None:
    lake.register()
    (task,) = lake.table(COPY).scan(row_filter=condition).plan_files()
    assert Path(task.file.file_path).name.startswith("2024-02-")


def test_columns_and_tables_say_what_they_are(lake: Lake) -> None:
    lake.register()
    assert "MW" in lake.table(FACT).schema().find_field("consommation_electricite_mw").doc
    assert lake.table(FACT).properties["comment"].startswith("Consommation brute")
    assert lake.table(COPY).properties["licence"] == lake.ctx.catalog[DAILY].licence


def test_a_table_without_rows_has_its_columns_and_its_tag(lake: Lake) -> None:
    lake.register()
    assert lake.rows(f"publication.{EMPTY}", f"{1:016x}") == []
    assert "code_departement" in lake.table(f"publication.{EMPTY}").schema().column_names


def test_a_partition_without_rows_is_left_out(lake: Lake) -> None:
    dataset = lake.ctx.catalog[DAILY]
    lake.ctx.parquet.ensure_readable(dataset)
    lake.copy({"2024-03": 3.0})
    index = lake.ctx.parquet.index(dataset)
    lake.ctx.parquet.write_index(dataset, index | {"2024-03": replace(index["2024-03"], rows=0)})
    lake.register()
    assert len(list(lake.table(COPY).scan().plan_files())) == 2


def test_nothing_new_writes_nothing(lake: Lake) -> None:
    lake.register()
    before = lake.files()
    done = lake.register()
    assert lake.files() == before
    assert not any(each.has_moved for each in done.tables.values())


def test_a_month_is_replaced_in_one_snapshot_and_no_other_file_is_touched(lake: Lake) -> None:
    lake.register()
    before = lake.files()
    second = lake.publish(
        f"DELETE FROM {MONTHLY} WHERE mois = '2024-02'", half_hours("2024-02", 222), m2024_02=2.5, m2024_03=3.0
    )
    done = lake.register()
    assert (done.tables[FACT].added, done.tables[FACT].removed) == (1, 1)
    assert (done.tables[COPY].added, done.tables[COPY].removed) == (2, 1)
    assert [len(lake.table(name).snapshots()) for name in (FACT, COPY, f"publication.{WHOLE}")] == [2, 2, 1]
    after = lake.files()
    assert {path: after[path] for path in before if "/data/" in path} == {
        path: stat for path, stat in before.items() if "/data/" in path
    }
    assert lake.consumption() == lake.consumption(second) == {"2024-01": 100, "2024-02": 222}
    assert lake.consumption(f"{1:016x}") == {"2024-01": 100, "2024-02": 200}
    assert Counter(row["mois"] for row in lake.rows(COPY)) == dict.fromkeys(("2024-01", "2024-02", "2024-03"), 28)
    # The table that did not move has the tag all the same: one name reads one publication everywhere.
    assert lake.rows(f"publication.{WHOLE}", second) == lake.rows(f"publication.{WHOLE}")


def test_older_publications_read_when_the_lake_has_replaced_and_removed_their_files(lake: Lake) -> None:
    lake.register()
    lake.publish(f"DELETE FROM {MONTHLY} WHERE mois = '2024-02'", m2024_02=9.0)
    lake.register()
    shutil.rmtree(lake.ctx.paths.serving)
    shutil.rmtree(lake.ctx.paths.parquet)
    assert lake.consumption(f"{1:016x}") == {"2024-01": 100, "2024-02": 200}
    old = lake.rows(COPY, f"{1:016x}", ("mois", "consommation_brute_electricite_rte"))
    assert {row["consommation_brute_electricite_rte"] for row in old} == {1.0, 2.0}


def test_a_publication_that_comes_back_is_the_present_one_again(lake: Lake) -> None:
    lake.register()
    lake.publish(f"UPDATE {MONTHLY} SET consommation_electricite_mw = 7")
    lake.register()
    lake.publications = 0
    first = lake.publish(
        f"UPDATE {MONTHLY} SET consommation_electricite_mw = CASE mois WHEN '2024-01' THEN 100 ELSE 200 END"
    )
    lake.register(keep=2)
    assert lake.consumption() == lake.consumption(first) == {"2024-01": 100, "2024-02": 200}
    assert lake.consumption(f"{2:016x}") == {"2024-01": 7, "2024-02": 7}


def test_a_column_that_is_added_or_removed_leaves_older_publications_as_they_were(lake: Lake) -> None:
    lake.register()
    second = lake.publish(
        f"ALTER TABLE {WHOLE} ADD COLUMN nouvelle INTEGER DEFAULT 5", f"ALTER TABLE {WHOLE} DROP COLUMN nom_region"
    )
    lake.register()
    (new,), (old,) = lake.rows(f"publication.{WHOLE}", second), lake.rows(f"publication.{WHOLE}", f"{1:016x}")
    assert new["nouvelle"] == 5
    assert "nom_region" not in new
    assert old["nom_region"] == "Nouvelle-Aquitaine"
    assert "nouvelle" not in old
    assert len(lake.names()) == 6


@pytest.mark.parametrize(
    "changes",
    [
        [f"ALTER TABLE {MONTHLY} ALTER consommation_electricite_mw TYPE VARCHAR"],
        [
            f"ALTER TABLE {MONTHLY} ADD COLUMN autre INTEGER DEFAULT 1",
            f"ALTER TABLE {MONTHLY} DROP COLUMN autre",
            f"ALTER TABLE {MONTHLY} ADD COLUMN autre INTEGER DEFAULT 2",
        ],
    ],
)
def test_a_change_that_would_spoil_older_snapshots_begins_another_table_and_keeps_the_former(
    lake: Lake, changes: list[str]
) -> None:
    lake.register()
    for change in changes:
        last = lake.publish(change)
        lake.register(keep=4)
    former = f"{FACT}__avant_{last}"
    assert former in lake.names()
    assert lake.rows(former) == []
    assert {row["consommation_electricite_mw"] for row in lake.rows(former, f"{1:016x}")} == {100, 200}
    assert len(lake.rows(FACT, last)) == 2
    if len(changes) > 1:
        assert {row["autre"] for row in lake.rows(FACT)} == {2}
    for _ in range(4):
        lake.publish()
        lake.register(keep=4)
    assert former not in lake.names()
    assert len(lake.rows(FACT)) == 2


def test_a_table_that_is_no_more_has_no_rows_then_no_name_and_then_no_file(lake: Lake) -> None:
    lake.register()
    second = lake.publish(f"DROP TABLE {WHOLE}")
    done = lake.register(keep=2)
    assert done.retired == (f"publication.{WHOLE}",)
    assert lake.rows(f"publication.{WHOLE}") == []
    assert len(lake.rows(f"publication.{WHOLE}", f"{1:016x}")) == 1
    assert lake.table(f"publication.{WHOLE}").snapshot_by_name(f"publication-{second}") is None
    assert lake.register(keep=2).retired == ()
    lake.publish()
    lake.register(keep=2)
    assert f"publication.{WHOLE}" not in lake.names()
    assert not (lake.ctx.paths.root / "iceberg" / "publication" / WHOLE).exists()


def test_only_the_last_publications_are_kept_and_their_files(lake: Lake) -> None:
    lake.register(keep=2)
    for power in (201, 202, 203):
        lake.publish(f"UPDATE {MONTHLY} SET consommation_electricite_mw = {power} WHERE mois = '2024-02'")
        lake.register(keep=2)
    table = lake.table(FACT)
    assert {*table.refs()} == {"main", f"publication-{3:016x}", f"publication-{4:016x}"}
    assert len(table.snapshots()) == 2
    assert lake.consumption(f"{3:016x}")["2024-02"] == 202
    folder = lake.ctx.paths.root / "iceberg" / "publication" / MONTHLY
    assert len(list((folder / "data").iterdir())) == 3  # January, and February twice
    assert len(list((folder / "metadata").glob("snap-*"))) == 2


def test_manifests_of_what_was_replaced_do_not_pile_up(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataelec_assets.export.iceberg import tables

    monkeypatch.setattr(tables, "_MANY_MANIFESTS", 5)
    lake.register(keep=2)
    most = 0
    for power in range(300, 312):
        lake.publish(f"UPDATE {MONTHLY} SET consommation_electricite_mw = {power} WHERE mois = '2024-02'")
        lake.register(keep=2)
        table = lake.table(FACT)
        most = max(most, len(table.current_snapshot().manifests(table.io)))
        assert lake.consumption() == {"2024-01": 100, "2024-02": power}
    assert most <= 6
    assert lake.consumption(f"{12:016x}")["2024-02"] == 310


def test_a_lake_that_is_ahead_gives_its_copies_no_tag_of_the_publication(lake: Lake) -> None:
    lake.register()
    second = lake.publish(f"UPDATE {MONTHLY} SET consommation_electricite_mw = 1")
    lake.copy({"2024-02": 77.0})
    done = lake.register()
    assert done.is_lake_ahead
    values = {row["consommation_brute_electricite_rte"] for row in lake.rows(COPY)}
    assert values == {1.0, 77.0}
    assert lake.table(COPY).snapshot_by_name(f"publication-{second}") is None
    assert lake.consumption(second) == {"2024-01": 1, "2024-02": 1}
