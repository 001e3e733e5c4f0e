"""Charging points of the published files: every point of every state is somewhere, and nothing is made up."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dataelec_assets.database import connect
from dataelec_assets.ingest.copies import refresh_copies
from dataelec_assets.ingest.fetch import refresh_source
from dataelec_assets.lake.file_formats import inspect
from dataelec_assets.portals.progress import SilentProgress
from dataelec_assets.run_context import RunContext
from dataelec_assets.settings import Settings
from tests.dbt.bornes import FICHES, LIVE, NATIONAL, SELECT
from tests.dbt.lakes import TinyLake
from tests.reading import read_table

pytestmark = pytest.mark.real

STATES = FIRST, SECOND, THIRD = tuple(
    datetime(2023, 1, 30, hour, minute, tzinfo=UTC) for hour, minute in ((8, 59), (11, 29), (16, 19))
)


class Replay:
    """The states of January 2023, fetched one after the other as a schedule would have."""

    def __init__(self, data: Path, root: Path) -> None:
        self.ctx = RunContext(Settings(lake=root, folder=data))
        self.lake = TinyLake.empty(root)

    def fetch(self, dataset_id: str, at: datetime) -> None:
        dataset = self.ctx.catalog[dataset_id]
        assert refresh_source(replace(self.ctx, published_by=at), dataset, SilentProgress()).error is None
        refresh_copies(self.ctx, dataset)

    def bytes(self) -> dict[str, bytes]:
        """Return the copy of each day; its name tells of all states that were fetched, its bytes of the rows alone."""
        return {path.parent.name: path.read_bytes() for path in self.ctx.parquet.files(self.ctx.catalog[LIVE])}

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        return self.lake.query(sql)


@pytest.fixture(scope="module")
def replay(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Replay:
    root = tmp_path_factory.mktemp("bornes")
    (root / "data").mkdir()
    (root / "data" / "paris").symlink_to(real_data / "paris")
    replay = Replay(root / "data", root / "lake")
    replay.fetch(FICHES, datetime(2023, 1, 1, tzinfo=UTC))
    for at in STATES:
        replay.fetch(LIVE, at)
    # One whole month of the checks' own: what is built passes all that block.
    assert replay.lake.check(*SELECT) == {}
    return replay


def published(real_data: Path, name: str) -> list[dict[str, Any]]:
    (path,) = (real_data / "paris" / LIVE).glob(f"*{name}*.json")
    rows: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
    return rows


def test_every_point_of_every_state_is_there_with_its_status(replay: Replay, real_data: Path) -> None:
    for when, name in ((FIRST, "0959"), (SECOND, "1229"), (THIRD, "1719")):
        rows = published(real_data, name)
        assert len(rows) == 2097
        found = replay.query(
            f"SELECT id_pdc, statut_publie FROM fct_statut_borne WHERE releve_a = TIMESTAMPTZ '{when.isoformat()}'"
        )
        assert sorted(found) == sorted((row["id_pdc"].replace("*", ""), row["statut_pdc"]) for row in rows)
    assert replay.query("SELECT count(*) FROM fct_statut_borne WHERE NOT est_statut_reconnu") == [(0,)]


def test_points_that_one_set_alone_knows_are_listed(replay: Replay) -> None:
    counts = dict(replay.query("SELECT anomalie, count(*) FROM mart_bornes_rapprochement GROUP BY anomalie"))
    assert counts == {
        "temps réel sans fiche de Belib'": 54,
        "fiche de Belib' sans temps réel": 30,
        "fiche sans identifiant de point (belib)": 11,
    }
    # 2 084 rows: 2 073 points, and 11 under test that have no identifier.
    assert replay.query(
        "SELECT count(*), count(*) FILTER (est_dans_statique), count(*) FILTER (est_dans_temps_reel), "
        "count(*) FILTER (est_dans_statique AND est_dans_temps_reel), sum(nombre_lignes_publiees) "
        "FROM dim_point_de_charge"
    ) == [(2127, 2073, 2097, 2043, 2073)]
    assert replay.query("SELECT sum(nombre_points_de_charge) FROM dim_station") == [(2127,)]


def test_the_sets_of_december_differ_by_52_and_42_identifiers(real_data: Path, replay: Replay) -> None:
    (path,) = (real_data / "paris" / FICHES).glob("*2022-12.csv")
    dataset = replay.ctx.catalog[FICHES]
    fiches = read_table(connect(), dataset, inspect(FICHES, path)).column("id_pdc_local").to_pylist()
    (path,) = (real_data / "paris" / LIVE).glob("*2022-12.csv")
    live = {line.split(";")[0] for line in path.read_text("utf-8").splitlines()[1:]}
    # The reference counts the missing identifier as one.
    assert (len(live - set(fiches)), len(set(fiches) - live)) == (52, 42)
    assert Counter(fiches)[None] == 11


def test_arrondissements_are_those_of_the_addresses(replay: Replay) -> None:
    rows = replay.query(
        "SELECT code_arrondissement, count(*) FROM dim_point_de_charge GROUP BY code_arrondissement ORDER BY 1"
    )
    assert [code for code, _ in rows] == [f"751{number:02d}" for number in range(1, 21)]
    # 16116 is not a code, 75114 is in an address of the 10th, and a label of the 18th in one of the 17th.
    assert replay.query(
        "SELECT count(*) FROM staging.stg_paris__belib_points_de_recharge_pour_vehicules_electriques_disponibilite_"
        "temps_reel WHERE adresse NOT LIKE '% 750' || right(code_arrondissement, 2) || ' %' "
        "AND adresse NOT LIKE '% 75116 %'"
    ) == [(0,)]


def test_a_status_that_has_not_moved_for_months_is_no_occupation(replay: Replay) -> None:
    # One says that it is in use since the 25th, seven that they are free since December or before.
    assert replay.query(
        "SELECT statut, count(DISTINCT id_pdc), min(releve_a - depuis) > INTERVAL 2 DAY FROM fct_statut_borne "
        "WHERE est_fige GROUP BY statut ORDER BY statut"
    ) == [("libre", 7, True), ("occupe", 1, True)]
    # They make no minute of occupation, of any kind.
    assert replay.query(
        "SELECT count(*), sum(minutes_observees), sum(minutes_inconnues) FROM mart_occupation_horaire "
        "WHERE maille = 'point' AND id_pdc IN "
        "(SELECT id_pdc FROM fct_statut_borne GROUP BY id_pdc HAVING bool_and(est_fige))"
    ) == [(8 * 3, 0.0, 8 * 60.0)]
    # No duration comes from the last change of a status: nothing before the first state, and gaps stay gaps.
    assert replay.query("SELECT min(debut), max(fin) FROM fct_intervalle_borne") == [(FIRST, THIRD)]
    assert replay.query(
        "SELECT est_connu, sum(duree_min) FROM fct_intervalle_borne GROUP BY est_connu ORDER BY est_connu"
    ) == [(False, 2097 * (120.0 + 260.0)), (True, 2097 * 60.0)]


def test_hourly_rates_lie_between_nought_and_one_and_are_those_of_the_states(replay: Replay) -> None:
    assert replay.query(
        "SELECT count(*) FROM mart_occupation_horaire WHERE NOT (taux_occupation BETWEEN 0 AND 1 "
        "AND disponibilite BETWEEN 0 AND 1)"
    ) == [(0,)]
    # At 8:59, 704 of 1 948 points that work and are believed; it holds for one minute of that hour.
    assert replay.query(
        "SELECT minutes_occupees, minutes_observees FROM mart_occupation_horaire "
        "WHERE maille = 'commune' ORDER BY heure_utc LIMIT 1"
    ) == [(704.0, 1948.0)]
    assert replay.query(
        "SELECT count(*) FROM (SELECT heure_utc, sum(minutes_occupees) AS total FROM mart_occupation_horaire "
        "GROUP BY heure_utc, maille QUALIFY min(total) OVER (PARTITION BY heure_utc) <> total)"
    ) == [(0,)]


def test_replaying_a_state_twice_changes_nothing(replay: Replay) -> None:
    before = replay.bytes()
    for at in (THIRD, FIRST, THIRD):
        replay.fetch(LIVE, at)
    assert replay.bytes() == before


def test_no_contact_or_telephone_is_in_the_warehouse(replay: Replay, real_data: Path) -> None:
    (path,) = (real_data / "paris" / FICHES).glob("*2022-12.csv")
    assert "01 85 16 94 02" in path.read_text("utf-8")
    for table, column in replay.query(
        "SELECT table_schema || '.' || table_name, column_name FROM information_schema.columns "
        "WHERE data_type = 'VARCHAR' AND (table_name LIKE '%borne%' OR table_name LIKE '%station%' "
        "OR table_name LIKE '%point_de_charge%' OR table_name LIKE '%belib%')"
    ):
        where = f"{column} LIKE '%tevgo%' OR {column} LIKE '%01 85 16 94 02%' OR {column} LIKE '%Paiement autre%'"
        assert replay.query(f"SELECT count(*) FROM {table} WHERE {where}") == [(0,)], (table, column)


def test_the_published_examples_of_the_national_schema_read_by_contract(real_data: Path, replay: Replay) -> None:
    dataset = replay.ctx.catalog[NATIONAL]
    for name in ("exemple-valide-statique_schema-v2_2025-12.csv", "exemple-valide_schema-v2_2022-10.csv"):
        rows = read_table(connect(), dataset, inspect(NATIONAL, real_data / "irve" / "schema-irve" / name)).to_pylist()
        assert {(row["puissance_nominale"], row["prise_type_2"], row["nbre_pdc"]) for row in rows} == {
            (22.0, "true", 10.0)
        }
        assert "FRA68E680210015" in {row["id_pdc_itinerance"] for row in rows}
        assert "telephone_operateur" not in rows[0]
