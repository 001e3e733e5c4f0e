"""The archived snapshots of real time, replayed as successive states of a folder.

What is served follows the newest state, every vintage is kept, revisions are those that a plain script finds, and the
past can be built again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dataelec_assets import rebuild
from dataelec_assets.commands.publications import differences, rebuild_state
from dataelec_assets.commands.refresh import run_refresh
from dataelec_assets.ingest.copies import refresh_copies
from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from dataelec_assets.warehouse.build import build_warehouse
from dataelec_assets.warehouse.publish import publish

pytestmark = [pytest.mark.real, pytest.mark.slow]

NATIONAL = "eco2mix-national-tr"
JUMP = "SELECT consommation_mw FROM fct_eco2mix_national WHERE instant_utc = TIMESTAMPTZ '2026-05-20 13:15Z'"
MEASURES = ("consommation", "nucleaire", "solaire", "ech_physiques")

# The clock goes forward: rows with labels that do not exist share the instants of this hour, and the snapshots, which
# have no labels, do not tell which is which.
TWICE = "2026-03-29T01"

# When the tables are built, and what is served then of the value that jumped.
PUBLISHED = {
    "20260520T1453Z": [(24_309.0,)],
    "20260522T1430Z": [(47_192.0,)],
    "20260523T1903Z": [(47_192.0,)],  # the newest snapshot
}

Key = tuple[str, str, str, float, float | None]


@dataclass(frozen=True)
class Replayed:
    """A lake that has seen every snapshot.

    Attributes:
        ctx: the lake.
        snapshots: the rows of each, by its stamp, oldest first.
        changes: the months that moved with each, ``(stamp, month)``.
        published: what was served of the value that jumped after some of them.
    """

    ctx: RunContext
    snapshots: list[tuple[str, list[dict[str, Any]]]]
    changes: list[tuple[str, str]]
    published: dict[str, list[tuple[Any, ...]]]

    def rows(self, query: str, file: Path | None = None) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(file or self.ctx.paths.served_file), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return connection.execute(query).fetchall()


def instant_of(stamp: str) -> datetime:
    """Return when a snapshot was taken."""
    return datetime.strptime(stamp, "%Y%m%dT%H%MZ").replace(tzinfo=UTC)


@pytest.fixture(scope="module")
def replayed(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Replayed:
    root = tmp_path_factory.mktemp("replay")
    folder = root / "data" / "odre" / NATIONAL
    folder.mkdir(parents=True)
    files = {path.name.split("_")[2][:14]: path for path in (real_data / "odre" / NATIONAL).glob("*_snapshot_*.json")}
    for path in files.values():
        (folder / path.name).symlink_to(path)
    assert len(files) == 40
    ctx = RunContext(Settings(lake=root / "lake", folder=root / "data"))
    dataset = ctx.catalog[NATIONAL]
    replayed = Replayed(ctx, [], [], {})
    for stamp in sorted(files):
        then = replace(ctx, published_by=instant_of(stamp))
        report = refresh_source(then, dataset, SilentProgress())
        assert report.error is None
        replayed.changes.extend((stamp, month) for month in report.changed)
        replayed.snapshots.append((stamp, json.loads(files[stamp].read_text(encoding="utf-8"))))
        if stamp in PUBLISHED and stamp != max(files):
            refresh_copies(ctx, dataset)
            assert build_warehouse(ctx).broken == []
            publish(ctx)
            replayed.published[stamp] = replayed.rows(JUMP)
    # The newest one as users have it.
    assert run_refresh([NATIONAL], ctx=ctx, quiet=True).exit_code == 0
    replayed.published[max(files)] = replayed.rows(JUMP)
    return replayed


def test_what_is_served_follows_the_newest_state_and_every_vintage_is_kept(replayed: Replayed) -> None:
    assert replayed.published == PUBLISHED
    # Every state that the publisher went through is in raw, none was overwritten.
    assert {stamp for stamp, _ in replayed.changes} == {stamp for stamp, _ in replayed.snapshots}
    raw, dataset = replayed.ctx.raw, replayed.ctx.catalog[NATIONAL]
    vintages = [each for partition in raw.partitions(dataset) for each in raw.vintages(dataset, partition)]
    assert len(vintages) == len(replayed.changes)
    assert len({each.sha256 for each in vintages}) == len(vintages)
    assert all(raw.object_path(each.sha256).exists() for each in vintages)


def told_by_a_plain_script(snapshots: list[tuple[str, list[dict[str, Any]]]], measure: str) -> set[Key]:
    """Return the revisions of a measure: each snapshot against what was known before, key by key."""
    known: dict[str, float | None] = {}
    found: set[Key] = set()
    for stamp, rows in snapshots:
        for row in rows:
            instant = datetime.fromisoformat(row["date_heure"]).astimezone(UTC).isoformat()
            if instant.startswith(TWICE):
                continue
            value = None if row[measure] in (None, "ND") else float(row[measure])
            before = known.get(instant)
            if before is not None and before != value:
                found.add((stamp, measure, instant, before, value))
            known[instant] = value
    return found


@pytest.mark.parametrize("measure", MEASURES)
def test_the_warehouse_tells_the_revisions_that_a_plain_script_finds(replayed: Replayed, measure: str) -> None:
    expected = told_by_a_plain_script(replayed.snapshots, measure)
    told = {
        (known.strftime("%Y%m%dT%H%MZ"), name, instant.isoformat(), before, after)
        for known, name, instant, before, after in replayed.rows(
            f"SELECT connue_a, mesure, instant_utc, valeur_avant, valeur_apres FROM fct_revisions "
            f"WHERE mesure = '{measure}'"
        )
        if not instant.isoformat().startswith(TWICE)
    }
    # Snapshots are hours apart: nearly all values are final when they are first seen.
    assert "2026-05-20T13:15:00+00:00" in {instant for _, _, instant, _, _ in expected}
    assert told == expected


def test_the_large_revision_is_told_with_its_delay_and_its_vintages(replayed: Replayed) -> None:
    ((before, after, hours, old, new),) = replayed.rows(
        "SELECT valeur_avant, valeur_apres, delai_h, version_avant, version_apres FROM fct_revisions "
        "WHERE mesure = 'consommation' AND valeur_avant = 24309"
    )
    assert (before, after) == (24_309, 47_192)
    assert 24 < hours < 72
    names = {vintage.sha256[:16] for vintage in replayed.ctx.raw.vintages(
        replayed.ctx.catalog[NATIONAL], "2026-05")}  # fmt: skip
    assert {old, new} <= names


def test_real_time_is_judged_by_horizon(replayed: Replayed) -> None:
    rows = replayed.rows(
        "SELECT horizon_h, nombre_valeurs, nombre_revisees, erreur_absolue_moyenne_mw FROM mart_fiabilite_temps_reel "
        "WHERE mesure = 'consommation' ORDER BY 1"
    )
    assert [row[0] for row in rows] == [1, 3, 12, 24, 48, 168]
    revised, errors = [row[2] for row in rows], [row[3] for row in rows]
    assert revised == sorted(revised, reverse=True)
    assert revised[0] >= 5
    assert errors[0] > errors[-1] == 0


def test_at_each_instant_the_vintage_of_the_last_snapshot_is_the_newest(
    replayed: Replayed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    selected: list[RunContext] = []
    monkeypatch.setattr(rebuild, "_rebuild", lambda ctx, *_: selected.append(ctx))
    known: dict[str, datetime] = {}
    for stamp, month in replayed.changes:
        instant = instant_of(stamp)
        for moment, expected in ((instant - timedelta(seconds=1), known.get(month)), (instant, instant)):
            rebuild.rebuild_as_of(replayed.ctx, moment, tmp_path)
            newest = selected.pop().raw.newest(NATIONAL, month)
            assert (newest and newest.known_at) == expected
        known[month] = instant


def test_the_warehouse_is_built_as_it_could_have_been_known(replayed: Replayed, tmp_path: Path) -> None:
    instant = "2026-05-21T00:00Z"
    before = replayed.ctx.paths.served_file.read_bytes()
    rebuild_state(as_of=instant, lock=None, folder=tmp_path / "then", ctx=replayed.ctx)
    then = tmp_path / "then" / "serving" / "dataelec.duckdb"
    # Beside what is served now: what has moved since, and nothing else.
    moved = {(row["table"], row["month"]) for row in differences(tmp_path / "then", replayed.ctx.paths.root)}
    assert ("fct_eco2mix_national", "2026-05") in moved
    assert ("fct_eco2mix_national", "2026-03") not in moved
    assert ("fct_stock_gaz", None) not in moved
    assert replayed.rows(JUMP, then) == [(24_309,)]
    ((newest,),) = replayed.rows("SELECT max(connue_a) FROM fct_revisions", then)
    assert newest is None or newest <= datetime.fromisoformat(instant)
    ((loaded,),) = replayed.rows(f"SELECT version_chargee FROM meta_sources WHERE jeu_de_donnees = '{NATIONAL}'", then)
    assert loaded <= datetime.fromisoformat(instant)
    assert replayed.ctx.paths.served_file.read_bytes() == before


def test_a_lock_builds_the_same_tables_again_after_the_publisher_has_gone_on(
    replayed: Replayed, tmp_path: Path
) -> None:
    lock = replayed.ctx.paths.serving / "sources.lock"
    rebuild_state(as_of=None, lock=lock, folder=tmp_path / "again", ctx=replayed.ctx)
    assert differences(replayed.ctx.paths.root, tmp_path / "again") == []
