"""Editions of plain files: bytes as published, whatever they lie in."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import zipfile
from datetime import UTC, datetime

import pytest

from dataelec_assets.commands.refresh import folder_findings
from dataelec_assets.portals.folder.layout import Layout
from tests.portals.folder.support import FolderLake

MOVEMENTS, CENSUS, POINTS = "code-officiel-geographique-mouvements", "recensement-logement", "bornes-de-recharge-irve"
PEOPLE = "populations-legales-communes"

DWELLINGS = b"COMMUNE;CATL;TYPL;SURF;IPONDL\n01001;1;1;3;1.5\n"
INHABITANTS = "REG;Région;DEP;CODARR;CODCAN;CODCOM;COM;Commune;PMUN;PCAP;PTOT\n84;A;01;1;08;001;01001;L;832;13;845\n"

HEADER = (
    "MOD,DATE_EFF,TYPECOM_AV,COM_AV,TNCC_AV,NCC_AV,NCCENR_AV,LIBELLE_AV,TYPECOM_AP,COM_AP,TNCC_AP,NCC_AP,NCCENR_AP,"
    "LIBELLE_AP\n"
)
CHANGE = "10,2024-01-01,COM,01187,1,HAUT VALROMEY,Haut Valromey,Haut Valromey,COM,01187,0,X,X,X\n"


def put(lake: FolderLake, name: str, content: bytes, portal: str = "insee") -> None:
    lake.put(name, content, portal=portal, dataset="anywhere")


def test_an_edition_is_the_bytes_of_its_file(lake: FolderLake) -> None:
    content = (HEADER + CHANGE).encode()
    put(lake, "v_mvt_commune_2024.csv", content)
    report = lake.refresh(MOVEMENTS)
    assert (report.error, report.fetched[0].partition) == (None, "2024")
    newest = lake.ctx.raw.newest(MOVEMENTS, "2024")
    assert newest is not None
    assert newest.sha256 == hashlib.sha256(content).hexdigest()
    assert newest.url == str(lake.data / "insee" / "anywhere" / "v_mvt_commune_2024.csv")
    assert lake.refresh(MOVEMENTS).outcome == "unchanged"


def test_a_touched_file_is_the_same_edition_and_another_content_a_new_vintage(lake: FolderLake) -> None:
    put(lake, "v_mvt_commune_2024.csv", (HEADER + CHANGE).encode())
    lake.refresh(MOVEMENTS)
    os.utime(lake.data / "insee" / "anywhere" / "v_mvt_commune_2024.csv", (1_700_000_000, 1_700_000_000))
    assert lake.refresh(MOVEMENTS).fetched == []
    put(lake, "v_mvt_commune_2024.csv", (HEADER + CHANGE + CHANGE.replace("01187", "01188")).encode())
    assert lake.refresh(MOVEMENTS).changed == ["2024"]


def zipped(name: str, content: bytes) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return body.getvalue()


@pytest.mark.parametrize("form", ["plain", "gzip", "archive"])
def test_a_member_is_read_unpacked_gzipped_or_in_the_archive_of_its_publisher(lake: FolderLake, form: str) -> None:
    content = b"COMMUNE;CATL;TYPL;SURF;IPONDL\n01001;1;1;3;1.5\n01001;1;1;3;2.25\n"
    name, body = {
        "plain": ("FD_LOGEMT_2020.csv", content),
        "gzip": ("fd_logemt_2020.csv.gz", gzip.compress(content, mtime=0)),
        "archive": ("RP2020_LOGEMT_csv.zip", zipped("data/FD_LOGEMT_2020.csv", content)),
    }[form]
    put(lake, name, body)
    report = lake.refresh(CENSUS)
    assert report.error is None
    newest = lake.ctx.raw.newest(CENSUS, "2020")
    assert newest is not None
    assert newest.sha256 == hashlib.sha256(content).hexdigest()
    assert lake.rows("sum(ipondl)", CENSUS) == [(3.75,)]


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("RP2020_LOGEMT_csv.zip", b"PK\x03\x04 cut", "RP2020_LOGEMT_csv.zip cannot be read"),
        ("RP2020_LOGEMT_csv.zip", zipped("other.csv", b"a\n1\n"), "no member like 'FD_LOGEMT_2020.csv'"),
        ("FD_LOGEMT_2020.csv.gz", gzip.compress(b"a;b\n" * 9000, mtime=0)[:40], "FD_LOGEMT_2020.csv.gz cannot be read"),
        ("FD_LOGEMT_2020.csv", b"", "the body is empty"),
        ("FD_LOGEMT_2020.csv", b"<html></html>", "FD_LOGEMT_2020.csv"),
    ],
)
def test_an_edition_that_cannot_be_read_is_named(lake: FolderLake, name: str, body: bytes, words: str) -> None:
    put(lake, name, body)
    report = lake.refresh(CENSUS)
    assert report.outcome == "failed"
    assert words in str(report.error)
    assert lake.ctx.raw.partitions(lake.dataset(CENSUS)) == []


def test_the_newest_of_several_files_that_replace_each_other_is_read(lake: FolderLake) -> None:
    put(lake, "irve-statique_vintage-2025-01.csv", b"a", "irve")
    put(lake, "irve-statique_vintage-2026-01.csv", b"b", "irve")
    (point,) = Layout(lake.data).files(lake.dataset(POINTS))
    assert point.path.name == "irve-statique_vintage-2026-01.csv"
    assert Layout(lake.data, datetime(2025, 6, 1, tzinfo=UTC)).files(lake.dataset(POINTS))[0].at == datetime(
        2025, 2, 1, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("dataset", "name", "body", "year"),
    [
        (MOVEMENTS, "V_MVT_COMMUNE_2027.csv", (HEADER + CHANGE).encode(), "2027"),
        (MOVEMENTS, "v_mvt_commune_2027.csv.gz", gzip.compress((HEADER + CHANGE).encode(), mtime=0), "2027"),
        (CENSUS, "RP2023_logemt.zip", zipped("fd_logemt_2023.csv", DWELLINGS), "2023"),
        (CENSUS, "fd_logemt_2023 (1).csv.gz", gzip.compress(DWELLINGS, mtime=0), "2023"),
        (PEOPLE, "donnees_communes_population-2024.csv", INHABITANTS.encode(), "2024"),
    ],
)
def test_an_edition_that_is_not_listed_is_known_by_the_name_of_its_file(
    lake: FolderLake, dataset: str, name: str, body: bytes, year: str
) -> None:
    put(lake, name, body)
    report = lake.refresh(dataset)
    assert (report.error, [each.partition for each in report.fetched]) == (None, [year])
    assert lake.rows("count(*)", dataset) == [(1,)]
    assert lake.refresh(dataset).outcome == "unchanged"
    assert not [line for line in folder_findings(lake.ctx) if name in line]


def test_a_found_archive_and_its_member_beside_it_are_one_edition(lake: FolderLake) -> None:
    put(lake, "RP2023_logemt.zip", zipped("FD_LOGEMT_2023.csv", DWELLINGS.replace(b"1.5", b"9")))
    put(lake, "FD_LOGEMT_2023.csv", DWELLINGS)
    assert lake.refresh(CENSUS).changed == ["2023"]
    assert lake.rows("ipondl", CENSUS) == [(1.5,)]


@pytest.mark.parametrize(
    "name",
    [
        "v_commune_2062.csv",  # too far off
        "FD_LOGEMT_2015.csv",  # older than any that is listed
        "RP2023_logemtzb.zip",  # a part of France
        "donnees_communes_vintage-2027-01.csv",  # when it was found, not of which year it is
    ],
)
def test_a_file_of_no_edition_to_come_is_named_and_not_read(lake: FolderLake, name: str) -> None:
    put(lake, name, b"a,b\n1,2\n")
    for dataset in ("code-officiel-geographique-communes", CENSUS, PEOPLE):
        assert lake.refresh(dataset).outcome == "absent"
    assert [line for line in folder_findings(lake.ctx) if name in line]
