"""RTE's archives: fetched when they have moved, read as a folder of them is, cut into months."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dataelec_assets.catalog import Dataset, load_catalog
from dataelec_assets.errors import DatasetAbsent, IncompleteExport, PortalUnreachable, UnexpectedContent
from dataelec_assets.portals.client import PortalClient
from dataelec_assets.portals.connection import Connection
from dataelec_assets.portals.fingerprints import Survey
from dataelec_assets.portals.options import ConnectionOptions
from dataelec_assets.portals.retries import RetryPolicy
from dataelec_assets.portals.rte import RtePortal
from tests.portals.rte_texts import NEWEST, days_from, text_of
from tests.portals.support import plain
from tests.published import publish_archives, stub
from tests.stubs import Stub

NATIONAL = load_catalog()["eco2mix-rte-national-tr"]
REGIONAL = load_catalog()["eco2mix-rte-regional-tr"]
DEFINITIVE = load_catalog()["eco2mix-rte-national-cons-def"]
DAYS = days_from(date(2026, 3, 30), 3)


def consumption(day: date, label: str, column: str) -> str:
    """Return the text of a measure: consumption tells the day, the others are nothing or a mark of RTE's."""
    if column == "consommation":
        return str(40_000 + day.day) if label < "12:00" or day != DAYS[-1] else ""
    return {"nucleaire": "-", "eolien_offshore": "ND"}.get(column, "")


@pytest.fixture
def portal() -> Iterator[Stub]:
    with stub() as running:
        publish_archives(running, NATIONAL, text_of(NATIONAL, DAYS, consumption), datetime(2026, 4, 1, tzinfo=UTC))
        yield running


def client_of(portal: Stub, folder: Path | None) -> RtePortal:
    options = ConnectionOptions(retries=RetryPolicy(attempts=2, first_wait=0.01))
    return RtePortal(Connection(f"{portal.url}/rte", options), folder)


def surveyed(portal: Stub, folder: Path | None, dataset: Dataset = NATIONAL) -> Survey:
    with client_of(portal, folder) as client:
        return client.survey(dataset, client.metadata(dataset))


def fetched(portal: Stub, folder: Path, month: str, dataset: Dataset = NATIONAL) -> list[dict[str, str]]:
    with client_of(portal, folder) as client:
        client.metadata(dataset)
        client.fetch(dataset, month, folder / "part", lambda _: None)
    header, *lines = [line.split(";") for line in plain(folder / "part").decode().splitlines()]
    return [dict(zip(header, line, strict=True)) for line in lines]


def test_the_client_does_what_a_refresh_asks_of_any_portal(portal: Stub) -> None:
    with client_of(portal, None) as client:
        assert isinstance(client, PortalClient)


def test_metadata_cost_the_headers_and_an_archive_that_stands_still_is_fetched_once(
    portal: Stub, tmp_path: Path
) -> None:
    with client_of(portal, tmp_path) as client:
        metadata = client.metadata(NATIONAL)
        assert metadata.data_processed == datetime(2026, 4, 1, tzinfo=UTC)
        assert metadata.missing == ()
        assert [call.kind for call in portal.calls] == ["head"]
        first = client.survey(NATIONAL, metadata)
    assert list(first.partitions) == ["2026-03", "2026-04"]
    assert [each.rows for each in first.partitions.values()] == [2 * 96, 96]
    assert surveyed(portal, tmp_path) == first
    assert [call.kind for call in portal.calls] == ["head", "file", "head"]


def test_a_month_is_the_rows_of_its_days_with_instants_and_without_the_notice(portal: Stub, tmp_path: Path) -> None:
    rows = fetched(portal, tmp_path, "2026-03")
    assert len(rows) == 2 * 96
    first = rows[0]
    assert {name: first[name] for name in ("date", "heure", "date_heure", "nature", "perimetre")} == {
        "date": "2026-03-30",
        "heure": "00:00",
        "date_heure": "2026-03-29T22:00:00+00:00",
        "nature": "Données temps réel",
        "perimetre": "France",
    }
    assert (first["consommation"], first["nucleaire"], first["eolien_offshore"]) == ("40030", "-", "ND")


def test_only_the_month_that_has_moved_has_another_fingerprint(portal: Stub, tmp_path: Path) -> None:
    before = surveyed(portal, tmp_path).partitions

    def revised(day: date, label: str, column: str) -> str:
        return (
            "41000" if (day, label, column) == (DAYS[-1], "12:00", "consommation") else consumption(day, label, column)
        )

    publish_archives(portal, NATIONAL, text_of(NATIONAL, DAYS, revised))
    after = surveyed(portal, tmp_path).partitions
    assert before["2026-03"] == after["2026-03"]
    assert before["2026-04"] != after["2026-04"]
    assert fetched(portal, tmp_path, "2026-04")[48]["consommation"] == "41000"


def test_files_of_36_and_of_40_columns_give_the_same_columns(portal: Stub, tmp_path: Path) -> None:
    newest = fetched(portal, tmp_path, "2026-03")
    publish_archives(portal, NATIONAL, text_of(NATIONAL, DAYS, consumption, without=NEWEST))
    assert text_of(NATIONAL, [], consumption).split("\n", 1)[0].count("\t") == 39
    oldest = fetched(portal, tmp_path, "2026-03")
    assert list(oldest[0]) == list(newest[0])
    assert {row["eolien_offshore"] for row in oldest} == {""}


def test_the_hour_that_spring_lacks_and_the_one_that_autumn_prints_once_have_the_instants_of_odre(
    portal: Stub, tmp_path: Path
) -> None:
    days = [date(2026, 3, 29), date(2026, 10, 25)]
    publish_archives(portal, NATIONAL, text_of(NATIONAL, days, consumption))
    spring = {row["heure"]: row["date_heure"][11:16] for row in fetched(portal, tmp_path, "2026-03")}
    autumn = {row["heure"]: row["date_heure"][11:16] for row in fetched(portal, tmp_path, "2026-10")}
    assert len(spring) == len(autumn) == 96
    assert [spring[each] for each in ("01:45", "02:00", "02:45", "03:00")] == ["00:45", "01:00", "01:45", "01:00"]
    # The first pass of the hour, from 00:00 UTC, is not printed.
    assert [autumn[each] for each in ("01:45", "02:00", "02:45", "03:00")] == ["23:45", "01:00", "01:45", "02:00"]


def test_regions_have_an_archive_each_and_their_code(portal: Stub, tmp_path: Path) -> None:
    names = {"Bretagne": "53", "PACA": "93", "Auvergne-Rhône-Alpes": "84"}
    for name in names:
        archive = f"eCO2mix_RTE_{name.replace('ô', 'o')}_En-cours-TR.zip"
        publish_archives(portal, REGIONAL, text_of(REGIONAL, DAYS[:1], consumption, perimetre=name), name=archive)
    with client_of(portal, tmp_path) as client:
        missing = client.metadata(REGIONAL).missing
    assert len(missing) == 9
    assert "eCO2mix_RTE_Normandie_En-cours-TR.zip" in missing
    rows = fetched(portal, tmp_path, "2026-03", REGIONAL)
    assert {row["code_insee_region"] for row in rows} == set(names.values())
    assert len(rows) == 3 * 96


def test_an_archive_under_a_name_with_accents_is_found_where_there_is_none_without(
    portal: Stub, tmp_path: Path
) -> None:
    text = text_of(REGIONAL, DAYS[:1], consumption, perimetre="Auvergne-Rhône-Alpes").encode("cp1252")
    path = "download/eco2mix/eCO2mix_RTE_Auvergne-Rh%C3%B4ne-Alpes_En-cours-TR.zip"
    portal.files["rte"].put(path, text, dataset=REGIONAL.id, member="x.xls")
    assert {row["code_insee_region"] for row in fetched(portal, tmp_path, "2026-03", REGIONAL)} == {"84"}


def test_definitive_years_and_the_consolidated_one_add_up_and_a_definitive_row_wins(
    portal: Stub, tmp_path: Path
) -> None:
    def of(value: int) -> str:
        return text_of(
            DEFINITIVE,
            days_from(date(2023, 12, 31), 2) if value == 2 else [date(2023, 12, 31)],
            lambda _, label, column: str(value) if column == "consommation" and label[3:] in ("00", "30") else "",
            nature="Données consolidées" if value == 2 else "Données définitives",
        )

    publish_archives(portal, DEFINITIVE, of(1), name="eCO2mix_RTE_Annuel-Definitif_2023.zip")
    publish_archives(portal, DEFINITIVE, of(2), name="eCO2mix_RTE_En-cours-Consolide.zip")
    with client_of(portal, tmp_path) as client:
        missing = client.metadata(DEFINITIVE).missing
    assert "eCO2mix_RTE_Annuel-Definitif_2012.zip" in missing
    assert f"eCO2mix_RTE_Annuel-Definitif_{datetime.now(UTC).year - 1}.zip" not in missing
    december, january = (fetched(portal, tmp_path, month, DEFINITIVE) for month in ("2023-12", "2024-01"))
    assert {(row["consommation"], row["nature"]) for row in december if row["consommation"]} == {
        ("1", "Données définitives")
    }
    assert {row["consommation"] for row in january if row["consommation"]} == {"2"}


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("status:503", PortalUnreachable),
        ("html_200", UnexpectedContent),
        ("truncate", IncompleteExport),
        ("reset", PortalUnreachable),
    ],
)
def test_an_archive_that_does_not_come_whole_leaves_the_one_before(
    portal: Stub, tmp_path: Path, fault: str, error: type[Exception]
) -> None:
    before = surveyed(portal, tmp_path)
    portal.files["rte"].touch("download/eco2mix/eCO2mix_RTE_En-cours-TR.zip")
    portal.fail(fault, kind="file")
    with pytest.raises(error):
        surveyed(portal, tmp_path)
    portal.heal()
    assert surveyed(portal, tmp_path).partitions == before.partitions
    assert not list(tmp_path.rglob("*.tmp"))


def test_without_any_archive_the_data_set_is_absent(portal: Stub) -> None:
    with client_of(portal, None) as client, pytest.raises(DatasetAbsent, match="none of its archives is there"):
        client.metadata(REGIONAL)


def test_a_client_without_a_folder_leaves_nothing(portal: Stub) -> None:
    with client_of(portal, None) as client:
        client.survey(NATIONAL, client.metadata(NATIONAL))
        root = client._root
        assert any(root.rglob("*.zip"))
    assert not root.exists()


def test_what_a_lost_memory_held_is_fetched_again(portal: Stub, tmp_path: Path) -> None:
    before = surveyed(portal, tmp_path)
    (marks,) = tmp_path.rglob(".archives.json")
    marks.write_text("{", encoding="utf-8")
    assert surveyed(portal, tmp_path) == before
    assert [call.kind for call in portal.calls] == ["head", "file", "head", "file"]


def test_an_entry_without_archives_of_a_portal_of_rte_is_refused() -> None:
    with pytest.raises(ValueError, match="archives go with a portal of RTE's"):
        replace(NATIONAL, archives=())
