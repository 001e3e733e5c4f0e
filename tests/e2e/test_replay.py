"""The archived snapshots of real time, replayed as successive states of the portal."""

from __future__ import annotations

import re
from pathlib import Path

import duckdb
import pytest
from pydantic import HttpUrl

from dataelec_assets.commands import refresh_house
from dataelec_assets.house import House
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.refresh.copies import refresh_copies
from dataelec_assets.refresh.sources import refresh_source
from dataelec_assets.sample.portal import serve
from dataelec_assets.settings import Settings

pytestmark = [pytest.mark.real, pytest.mark.slow]

REAL_TIME = ("eco2mix-national-tr", "eco2mix-regional-tr")
JUMP = "SELECT consommation_mw FROM fct_eco2mix_national WHERE instant_utc = TIMESTAMPTZ '2026-05-20 13:15Z'"


def test_successive_states_of_the_portal_end_with_the_newest_value_and_keep_every_vintage(
    real_data: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "data" / "odre"
    folder.mkdir(parents=True)
    for dataset_id in REAL_TIME:
        (folder / dataset_id).symlink_to(real_data / "odre" / dataset_id)
    stamps = sorted({re.findall(r"\d{8}T\d{4}Z", path.name)[0] for path in (folder / REAL_TIME[0]).glob("*snapshot*")})
    assert len(stamps) == 40
    with serve(tmp_path / "data", vintage="2021-12") as portal:
        house = House(Settings(lake=tmp_path / "lake", odre_url=HttpUrl(f"{portal.url}/odre")))
        dataset = house.catalog[REAL_TIME[0]]
        published, changes = [], []
        for stamp in stamps:
            portal.control("vintage", {"stamp": stamp})
            report = refresh_source(house, dataset, SilentProgress())
            assert report.error is None
            changes += [(stamp, partition) for partition in report.changed]
            refresh_copies(house, dataset)
            if stamp in ("20260520T1453Z", "20260522T0855Z", "20260522T1430Z"):
                outcome = refresh_house(REAL_TIME, house=house, quiet=True)
                assert outcome.exit_code == 0, outcome.sources
                with duckdb.connect(str(house.paths.served_file), read_only=True) as connection:
                    published.append(connection.execute(JUMP).fetchall())
    assert published == [[(24_309.0,)], [(24_309.0,)], [(47_192.0,)]]
    # Every state that the portal went through is in raw, none was overwritten.
    assert {stamp for stamp, _ in changes} == set(stamps)
    vintages = [each for partition in house.raw.partitions(dataset) for each in house.raw.vintages(dataset, partition)]
    assert len(vintages) == len(changes)
    assert len({each.sha256 for each in vintages}) == len(vintages)
    assert all(house.raw.object_path(each.sha256).exists() for each in vintages)
