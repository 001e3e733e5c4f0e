"""Where RTE's archives lie, and under which names people keep them."""

from __future__ import annotations

import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.portals.rte_archives import archives_of, holds

RTE = {each.id.removeprefix("eco2mix-rte-"): each for each in load_catalog().of_portal("rte")}
AT = "download/eco2mix/eCO2mix_RTE_"


def test_real_time_of_france_is_one_archive() -> None:
    (archive,) = archives_of(RTE["national-tr"], 2026)
    assert (archive.name, archive.paths, archive.may_miss) == (
        "eCO2mix_RTE_En-cours-TR.zip",
        (f"{AT}En-cours-TR.zip",),
        False,
    )


def test_definitive_years_go_from_the_first_to_the_last_and_the_newest_two_may_not_be_there() -> None:
    archives = archives_of(RTE["national-cons-def"], 2026)
    assert [each.name for each in archives] == [
        *(f"eCO2mix_RTE_Annuel-Definitif_{year}.zip" for year in range(2012, 2026)),
        "eCO2mix_RTE_En-cours-Consolide.zip",
    ]
    assert [each.name for each in archives if each.may_miss] == [
        "eCO2mix_RTE_Annuel-Definitif_2024.zip",
        "eCO2mix_RTE_Annuel-Definitif_2025.zip",
    ]


def test_each_of_twelve_regions_is_asked_without_accents_then_with_them() -> None:
    archives = archives_of(RTE["regional-tr"], 2026)
    assert len(archives) == 12
    paths = {each.name: each.paths for each in archives}
    assert paths["eCO2mix_RTE_Auvergne-Rhone-Alpes_En-cours-TR.zip"] == (
        f"{AT}Auvergne-Rhone-Alpes_En-cours-TR.zip",
        f"{AT}Auvergne-Rhône-Alpes_En-cours-TR.zip",
    )
    assert paths["eCO2mix_RTE_PACA_En-cours-TR.zip"] == (f"{AT}PACA_En-cours-TR.zip",)
    assert paths["eCO2mix_RTE_Ile-de-France_En-cours-TR.zip"] == (f"{AT}Ile-de-France_En-cours-TR.zip",)
    assert paths["eCO2mix_RTE_Pays-de-la-Loire_En-cours-TR.zip"]
    assert len(archives_of(RTE["regional-cons-def"], 2026)) == 12 * (2026 - 2013 + 1)


@pytest.mark.parametrize(
    ("name", "which"),
    [
        ("eCO2mix_RTE_En-cours-TR.zip", "national-tr"),
        ("eCO2mix_RTE_National_En-cours-TR_2016-06.xls", "national-tr"),
        ("eCO2mix_RTE_En-cours-TR_2026-02-01_2026-03-15.xls", "national-tr"),
        ("eCO2mix_RTE_Annuel-Definitif_2019.zip", "national-cons-def"),
        ("eCO2mix_RTE_En-cours-Consolide.xls.gz", "national-cons-def"),
        ("eCO2mix_RTE_Ile-de-France_Annuel-Definitif_2015.xls", "regional-cons-def"),
        ("ECO2MIX_RTE_Auvergne-Rhône-Alpes_En-cours-Consolide.xls", "regional-cons-def"),
        ("eCO2mix_RTE_Grand-Est_En-cours-TR.zip", "regional-tr"),
        ("eCO2mix_RTE_Corse_En-cours-TR.zip", None),
        ("eCO2mix_RTE_tempo_2014-2015.xls", None),
        ("eCO2mix_RTE_En-cours-TR.zip.tmp", None),
    ],
)
def test_a_file_belongs_to_the_data_set_that_its_name_says(name: str, which: str | None) -> None:
    assert [each for each, dataset in RTE.items() if holds(dataset, name)] == ([which] if which else [])
