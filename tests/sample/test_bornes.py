"""Invented charging points: the oddities of the published files, and states that agree with each other."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dataelec_assets.catalog import load_catalog
from dataelec_assets.database import connect
from dataelec_assets.lake.file_formats import inspect
from dataelec_assets.sample.bornes import paris, write_charging_points
from dataelec_assets.sample.timeline import Horizon
from tests.reading import read_table

NOW = datetime(2025, 12, 31, 12, tzinfo=UTC)
LIVE = "belib-points-de-recharge-pour-vehicules-electriques-disponibilite-temps-reel"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("bornes")
    list(write_charging_points(path, 7, Horizon(date(2023, 1, 1), NOW)))
    return path


def states(folder: Path) -> dict[str, list[dict[str, Any]]]:
    return {
        path.name[-32:-17]: json.loads(path.read_text("utf-8")) for path in sorted((folder / "paris" / LIVE).iterdir())
    }


def test_a_few_hundred_points_have_a_state_each_hour_of_a_day(folder: Path) -> None:
    found = states(folder)
    assert len(found) == 24
    assert (min(found), max(found)) == ("_20251230T1300Z", "_20251231T1200Z")
    (sizes,) = {len(rows) for rows in found.values()}
    assert 250 <= sizes <= 400
    assert all(len({row["id_pdc"] for row in rows}) == len(rows) for rows in found.values())


def test_places_are_used_at_noon_more_than_at_night(folder: Path) -> None:
    found = states(folder)

    def share(stamp: str) -> float:
        counts = Counter(row["statut_pdc"] for row in found[stamp])
        return counts["Occupé (en charge)"] / (counts["Occupé (en charge)"] + counts["Disponible"])

    assert share("_20251231T0300Z") < 0.6 * share("_20251231T1200Z")
    assert {row["statut_pdc"] for row in found["_20251231T1200Z"]} == {
        *("Disponible", "Occupé (en charge)", "En maintenance", "Inconnu")
    }


def test_a_status_has_changed_before_it_is_shown_and_a_few_never_move(folder: Path) -> None:
    frozen = 0
    for stamp, rows in states(folder).items():
        when = datetime.strptime(stamp, "_%Y%m%dT%H%MZ").replace(tzinfo=UTC)
        ages = [(when - datetime.fromisoformat(row["last_updated"]), row["statut_pdc"]) for row in rows]
        assert all(age >= timedelta(0) for age, _ in ages)
        frozen += sum(age > timedelta(days=30) for age, status in ages if status == "Occupé (en charge)")
    assert frozen > 0


def test_later_the_same_hours_are_told_alike(folder: Path, tmp_path: Path) -> None:
    list(write_charging_points(tmp_path, 7, Horizon(date(2023, 1, 1), NOW + timedelta(hours=6))))
    before, after = states(folder), states(tmp_path)
    shared = before.keys() & after.keys()
    assert len(shared) == 18
    assert all(before[stamp] == after[stamp] for stamp in shared)


def test_fiches_and_states_do_not_know_the_same_points(folder: Path) -> None:
    dataset = next(each for each in load_catalog().of_portal("paris") if each.id.endswith("statiques"))
    (path,) = (folder / "paris" / dataset.id).iterdir()
    fiches = read_table(connect(), dataset, inspect(dataset.id, path)).to_pylist()
    declared = {row["id_pdc_local"] for row in fiches} - {None}
    live = {row["id_pdc"] for row in next(iter(states(folder).values()))}
    assert (len(declared - live), len(live - declared)) == (3, 4)
    assert declared | live == {point.code for point in paris(7)}
    assert sum(row["id_pdc_local"] is None for row in fiches) == 2
    assert len(fiches) == len(declared) + 2 + 1


def test_the_national_file_reads_by_contract_with_its_oddities(folder: Path) -> None:
    (dataset,) = load_catalog().of_portal("irve")
    (path,) = (folder / "irve" / dataset.id).iterdir()
    rows = read_table(connect(), dataset, inspect(dataset.id, path)).to_pylist()
    identifiers = Counter(row["id_pdc_itinerance"] for row in rows)
    # Five are declared twice; three towns have the word for a point outside roaming.
    assert sum(count > 1 for count in identifiers.values()) == 5 + 1
    assert identifiers["Non concerné"] == 3
    assert "1053" in {row["code_insee_commune"] for row in rows}
    assert any(row["puissance_nominale"] > 1000 for row in rows)
    assert any(row["code_insee_commune"] is None for row in rows)
    assert 2000 < len(rows) < 6000
    with path.open(encoding="utf-8") as file:
        printed = next(csv.DictReader(file))
    assert printed["telephone_operateur"]
    assert not set(printed) & set(dataset.column_names) & {"telephone_operateur", "contact_operateur", "observations"}
