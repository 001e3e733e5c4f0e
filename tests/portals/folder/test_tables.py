"""Files of a data set that is cut by time: what a refresh loads, fetches again and leaves alone."""

from __future__ import annotations

import json
import os
from unittest.mock import patch

import pytest

from dataelec_assets.errors import IncompleteExport, UnexpectedContent
from dataelec_assets.portals.folder import reading
from tests.portals.folder.support import TEMPERATURES, FolderLake, days

LIVE = "belib-points-de-recharge-pour-vehicules-electriques-disponibilite-temps-reel"
OTHER = "eco2mix-national-tr"


def reasons(report: object) -> dict[str, str]:
    return {each.partition: each.reason for each in report.fetched}  # type: ignore[attr-defined]


def test_each_month_is_a_partition_whose_content_is_proved(lake: FolderLake) -> None:
    lake.put("t.csv", days("2025-01-31 11 5", "2025-02-01 11 6", "2025-02-01 24 7.5"))
    report = lake.refresh()
    assert (report.outcome, report.error, report.rows) == ("refreshed", None, 3)
    assert reasons(report) == {"2025-01": "never fetched", "2025-02": "never fetched"}
    assert lake.rows("date::VARCHAR, code_insee_region, tmoy") == [
        ("2025-01-31", "11", 5.0),
        ("2025-02-01", "11", 6.0),
        ("2025-02-01", "24", 7.5),
    ]
    newest = lake.ctx.raw.newest(TEMPERATURES, "2025-02")
    assert newest is not None
    assert newest.url == str(lake.data / "odre" / TEMPERATURES)
    assert newest.fingerprint is not None
    assert '"tmoy":"13.5"' in newest.fingerprint


def test_an_unchanged_folder_is_not_read_again(lake: FolderLake) -> None:
    lake.put("t.csv", days("2025-01-31 11 5"))
    lake.refresh()
    with patch.object(reading, "read_tables", side_effect=AssertionError("read again")):
        report = lake.refresh()
    assert (report.outcome, report.fetched) == ("unchanged", [])
    # What was read is not kept twice.
    assert [path.name for path in (lake.ctx.paths.state / "folder").iterdir()] == [f"{TEMPERATURES}.json"]


def test_a_revised_month_is_one_fetch_of_one_partition(lake: FolderLake) -> None:
    lake.put("t.csv", days("2025-01-31 11 5", "2025-02-01 11 6"))
    lake.refresh()
    lake.put("t.csv", days("2025-01-31 11 5", "2025-02-01 11 6.5"))
    report = lake.refresh()
    assert reasons(report) == {"2025-02": "revised"}
    assert lake.rows("tmoy") == [(5.0,), (6.5,)]


def test_a_stamped_file_that_is_replaced_under_its_name_is_noticed(lake: FolderLake) -> None:
    lake.put("t_vintage-2025-10.csv", days("2025-01-31 11 5"))
    lake.refresh()
    lake.put("t_vintage-2025-10.csv", days("2025-01-31 11 7"))
    assert reasons(lake.refresh()) == {"2025-01": "revised"}


def test_a_file_that_is_only_touched_changes_nothing(lake: FolderLake) -> None:
    path = lake.put("t.csv", days("2025-01-31 11 5"))
    lake.refresh()
    os.utime(path, (2_000_000_000, 2_000_000_000))
    report = lake.refresh()
    assert (report.outcome, report.fetched) == ("checked", [])


def test_a_whole_state_withdraws_the_rows_that_it_lacks(lake: FolderLake) -> None:
    """The case portal-withdrawn-rows: rows that the publisher has withdrawn were served on."""
    lake.put("t_vintage-2025-09.csv", days(*(f"2025-01-{day} 11 5" for day in range(26, 32))))
    assert lake.refresh().rows == 6
    lake.put("t_vintage-2026-01.csv", days(*(f"2025-01-{day} 11 5" for day in range(26, 31)), "2025-02-01 11 6"))
    report = lake.refresh()
    assert reasons(report) == {"2025-01": "revised", "2025-02": "never fetched"}
    assert [day for (day,) in lake.rows("date::VARCHAR")][-2:] == ["2025-01-30", "2025-02-01"]


def test_files_of_one_stamp_make_one_state_and_later_parts_come_on_top(lake: FolderLake) -> None:
    lake.put("t_vintage-2025-09_extract-2024.csv", days("2024-12-31 11 1"))
    lake.put("t_vintage-2025-09_extract-2025.csv", days("2025-01-31 11 5"))
    lake.put("t_2025-08.csv", days("2025-08-31 11 20"))
    lake.put("t_2025-10.csv", days("2025-10-01 11 12"))
    lake.refresh()
    # The part of August is older than the state of September, which does not have it.
    assert [day for (day,) in lake.rows("date::VARCHAR")] == ["2024-12-31", "2025-01-31", "2025-10-01"]


def test_row_by_row_the_newest_file_wins_where_rows_that_have_left_the_portal_are_kept(lake: FolderLake) -> None:
    header = "date_heure,consommation,nucleaire\n"
    lake.put("a_snapshot_20260327T0200Z.csv", f"{header}2026-03-27T00:00:00Z,5,1\n2026-03-27T00:15:00Z,6,1\n",
             dataset="eco2mix-national-tr")  # fmt: skip
    lake.put("a_snapshot_20260327T0800Z.csv", f"{header}2026-03-27T00:15:00Z,7,1\n2026-03-27T00:30:00Z,8,1\n",
             dataset="eco2mix-national-tr")  # fmt: skip
    report = lake.refresh("eco2mix-national-tr")
    assert report.error is None
    assert lake.rows("heure, consommation, nature", "eco2mix-national-tr") == [
        ("01:00", 5.0, "Données temps réel"),
        ("01:15", 7.0, "Données temps réel"),
        ("01:30", 8.0, "Données temps réel"),
    ]
    assert any("restored in 2 of 2 files: nature, date, heure, perimetre" in each for each in report.warnings)


def test_every_state_of_a_set_that_shows_the_present_one_only_is_loaded(lake: FolderLake) -> None:
    def state(status: str) -> str:
        return f"id_pdc,statut_pdc,last_updated\nFR*V75*EPX01*01*1,{status},2023-01-30T08:00:00+01:00\n"

    lake.put("belib_snapshot_20230130T1000Z.csv", state("Disponible"), portal="paris", dataset=LIVE)
    lake.put("belib_snapshot_20230130T1600Z.csv", state("Inconnu"), portal="paris", dataset=LIVE)
    report = lake.refresh(LIVE)
    # Two states of one day: the partition counts once, the rows of both.
    assert (report.error, report.rows, list(reasons(report)), report.changed) == (
        None,
        2,
        ["2023-01-30"],
        ["2023-01-30"],
    )
    first = [("2023-01-30 10:00:00+00", "Disponible"), ("2023-01-30 16:00:00+00", "Inconnu")]
    assert lake.rows("releve_a::VARCHAR, statut_pdc", LIVE) == first
    # One that is found later is loaded too, although the newest stays the same.
    lake.put("belib_snapshot_20230130T1200Z.csv", state("Réservé"), portal="paris", dataset=LIVE)
    report = lake.refresh(LIVE)
    assert (report.error, reasons(report)) == (None, {"2023-01-30": "revised"})
    assert lake.rows("releve_a::VARCHAR, statut_pdc", LIVE) == [
        first[0], ("2023-01-30 12:00:00+00", "Réservé"), first[1]]  # fmt: skip
    assert lake.refresh(LIVE).outcome == "unchanged"


def test_rows_without_a_day_are_counted_and_not_loaded(lake: FolderLake) -> None:
    lake.put("t.csv", days("2025-01-31 11 5") + ";24;x;1;9;6\n")
    report = lake.refresh()
    assert (report.rows, report.not_loaded) == (1, 1)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("t.parquet", b"PAR1 but cut", "t.parquet cannot be read"),
        ("t.json", b"[{", "t.json cannot be read"),
        ("t.csv.gz", b"not gzip", "t.csv.gz cannot be read"),
        ("t.zip", b"PK\x03\x04", "t.zip cannot be read"),
        ("t.csv", days("2025-01-31 11 5", "31/02/2025 11 5").encode(), "t.csv, row 2, column 'date': '31/02/2025'"),
        ("t.csv", b"date;code_insee_region;region;tmin;mean\n2025-01-31;11;x;1;5\n", "column 'tmax' is missing"),
    ],
)
def test_a_file_that_cannot_be_read_takes_its_data_set_away_and_no_other(
    lake: FolderLake, name: str, content: bytes, words: str
) -> None:
    lake.put(name, content)
    lake.put("e_snapshot_20260327T0200Z.csv", "date_heure;consommation\n2026-03-27T00:00:00Z;5\n", dataset=OTHER)
    report = lake.refresh()
    assert report.outcome == "failed"
    assert words in str(report.error)
    assert TEMPERATURES in str(report.error)
    assert lake.refresh(OTHER).error is None


def test_what_was_loaded_stays_when_its_file_is_broken_later(lake: FolderLake) -> None:
    lake.put("t.csv", days("2025-01-31 11 5"))
    lake.refresh()
    broken = lake.put("t.csv", b"date;code_insee_region\n2025-01-31;\xff\xfe\x00")
    assert lake.refresh().outcome == "failed"
    assert lake.rows("tmoy") == [(5.0,)]
    broken.write_text(days("2025-01-31 11 6"), "utf-8")
    assert lake.refresh().outcome == "refreshed"
    assert lake.rows("tmoy") == [(6.0,)]


def test_labels_windows_letters_and_french_days_are_read(lake: FolderLake) -> None:
    text = "ID;Date;Code INSEE région;Région;TMin (°C);TMax (°C);TMoy (°C)\nx;05/01/24;11;Île-de-France;1;9;5\n"
    lake.put("t.csv", text.encode("cp1252"))
    assert lake.refresh().error is None
    assert lake.rows("date::VARCHAR, region, tmoy") == [("2024-01-05", "Île-de-France", 5.0)]


def test_a_damaged_memory_is_found_again_in_the_files(lake: FolderLake) -> None:
    lake.put("t.csv", days("2025-01-31 11 5"))
    lake.refresh()
    (lake.ctx.paths.state / "folder" / f"{TEMPERATURES}.json").write_text("{", "utf-8")
    assert (lake.refresh().outcome, lake.rows("tmoy")) == ("unchanged", [(5.0,)])


def test_a_data_set_without_files_is_absent(lake: FolderLake) -> None:
    report = lake.refresh()
    assert report.outcome == "absent"
    assert str(lake.data / "odre" / TEMPERATURES) in str(report.error)


def test_invented_data_are_marked(lake: FolderLake) -> None:
    (lake.data / "SYNTHETIC.json").write_text('{"synthetic": true}', "utf-8")
    lake.put("t.csv", days("2025-01-31 11 5"))
    lake.refresh()
    newest = lake.ctx.raw.newest(TEMPERATURES, "2025-01")
    assert newest is not None
    assert newest.synthetic


def test_equal_rows_give_equal_bytes_whatever_the_order_and_shape_of_their_files(
    lake: FolderLake,
) -> None:
    lines = ["2025-01-30 11 5", "2025-01-31 24 6.25"]
    lake.put("t.csv", days(*lines))
    lake.refresh()
    before = lake.ctx.raw.newest(TEMPERATURES, "2025-01")
    (lake.data / "odre" / TEMPERATURES / "t.csv").unlink()
    row = {"region": "x", "tmin": 1, "tmax": 9.0}
    lake.put("t.json", json.dumps([
        {"tmoy": 6.25, **row, "code_insee_region": "24", "date": "2025-01-31T00:00:00+00:00"},
        {"tmoy": 5, **row, "code_insee_region": 11, "date": "2025-01-30"},
    ]))  # fmt: skip
    report = lake.refresh()
    assert (report.error, report.fetched) == (None, [])
    assert lake.ctx.raw.newest(TEMPERATURES, "2025-01") == before


def test_a_reading_that_is_called_off_leaves_nothing(lake: FolderLake) -> None:
    lake.put("t.csv", days("2025-01-31 11 5"))
    with lake.ctx.client(lake.dataset()) as client:
        client.cancel()
        with pytest.raises(UnexpectedContent, match="called off"):
            client.metadata(lake.dataset())
    assert list((lake.ctx.paths.state / "folder").iterdir()) == []


def test_rows_that_share_a_key_are_counted_and_a_wrong_number_of_rows_is_refused(lake: FolderLake) -> None:
    lake.put("t.csv", days("2025-01-30 11 5", "2025-01-31 11 5", "2025-01-31 11 5"))
    with lake.ctx.client(lake.dataset()) as client:
        assert client.rows_by(lake.dataset(), "2025-01", ("date", "code_insee_region")) == [1, 2]
        client.verify(lake.dataset(), "2025-01", 3)
        with pytest.raises(IncompleteExport, match="2 rows of 2025-01 were read, the folder has 3"):
            client.verify(lake.dataset(), "2025-01", 2)
