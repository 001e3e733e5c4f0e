"""What real time reaches through a gate alone, in the project as it is."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pytest

from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.warehouse import gates
from dataelec_assets.warehouse.lineage import reached
from dataelec_assets.warehouse.parse import ensure_parse

REAL_TIME = ("odre.eco2mix_national_tr", "odre.eco2mix_regional_tr", "lac.revisions")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ensure_parse(LakePaths(tmp_path_factory.mktemp("gates"))).manifest_json


GATES = {
    "int_eco2mix_annees",
    "int_eco2mix_demi_heures_lues",
    "int_eco2mix_jours_douteux",
    "int_indicateur_mix",
    "mart_quotidien_national",
}


def _names(keys: Iterable[str]) -> set[str]:
    return {key.split(".")[2] for key in keys}


def test_real_time_reaches_indicators_through_the_yearly_mix_alone(manifest: Path) -> None:
    rounds = gates.Rounds(manifest, REAL_TIME)
    first = rounds.next()
    assert first is not None
    assert set(first.gates) == set(gates.all_gates(manifest)) == GATES
    assert {"mart_mix_bilan_periode", "fct_eco2mix_national", *GATES} < _names(first.models)
    assert rounds.next() is None
    behind = {"fct_indicateur", "mart_indicateur_compare", "mart_typologie_territoires", "mart_completude"}
    assert {*behind, "mart_ecarts_publies", "mart_question_saisons"} < set(rounds.untouched)
    assert not {*_names(first.models)} & {*rounds.untouched}


def test_an_open_gate_lets_what_is_behind_it_be_built_with_its_checks_and_nothing_else(manifest: Path) -> None:
    rounds = gates.Rounds(manifest, REAL_TIME)
    first = rounds.next()
    rounds.open(["int_eco2mix_demi_heures_lues"])
    second = rounds.next()
    assert first is not None
    assert second is not None
    assert _names(second.models) == {"mart_completude"}
    assert second.tests
    assert all(name.startswith("mart_completude") for name in _names(second.tests))
    assert rounds.next() is None


def test_consumption_by_town_reaches_indicators_at_once(manifest: Path) -> None:
    rounds = gates.Rounds(manifest, [*REAL_TIME, "ore.consommation_annuelle_d_electricite_et_gaz_par_commune"])
    turns = [rounds.next(), rounds.next(), rounds.next()]
    assert turns[0] is not None
    assert turns[1] is not None
    assert turns[2] is None
    # They wait for the mix, which they read too, and no longer.
    assert "fct_indicateur" in _names(turns[1].models) - _names(turns[0].models)
    assert "mart_typologie_territoires" not in rounds.untouched


@pytest.mark.parametrize("source", REAL_TIME)
def test_real_time_takes_one_round_when_no_gate_moves(manifest: Path, source: str) -> None:
    """A check that reads tables on both sides of a gate would need a call of dbt for itself."""
    rounds = gates.Rounds(manifest, [source, "lac.revisions"])
    assert rounds.next() is not None
    assert rounds.next() is None


def test_all_that_a_change_reaches_is_built_in_the_end_when_every_gate_moves(manifest: Path) -> None:
    nodes = json.loads(manifest.read_text(encoding="utf-8"))
    starts = [key for key in nodes["sources"] if ".".join(key.split(".")[2:]) in REAL_TIME]
    below = reached(nodes["child_map"], starts)
    rounds = gates.Rounds(manifest, REAL_TIME)
    models: list[str] = []
    tests: list[str] = []
    while (turn := rounds.next()) is not None:
        # No table is read before it is renewed.
        late = reached(nodes["child_map"], turn.models) & {*models}
        assert not late
        models += turn.models
        tests += turn.tests
        rounds.open(turn.gates)
    assert sorted(models) == sorted(key for key in below if key.startswith("model."))
    assert len(tests) == len({*tests})
    assert {*tests} >= {key for key in below if key.startswith("test.")}
    assert rounds.untouched == []


@pytest.mark.parametrize(
    ("before", "after", "is_same"),
    [
        ("SELECT 1 AS a, 0.1::DOUBLE + 0.2::DOUBLE AS v", "SELECT 1 AS a, 0.3::DOUBLE AS v", True),
        ("SELECT 1 AS a, 0.3::DOUBLE AS v", "SELECT 1 AS a, 0.300001::DOUBLE AS v", False),
        ("FROM VALUES (1, 2.0), (2, NULL) t(a, v)", "FROM VALUES (2, NULL), (1, 2.0) t(a, v)", True),
        ("FROM VALUES (1, 2.0), (2, NULL) t(a, v)", "FROM VALUES (1, 2.0) t(a, v)", False),
    ],
)
def test_rows_are_told_apart_by_their_values_and_not_by_their_order(before: str, after: str, *, is_same: bool) -> None:
    with duckdb.connect() as connection:
        found = []
        for sql in (before, after):
            connection.execute(f"CREATE OR REPLACE TABLE porte AS {sql}")
            found.append(gates.digests(connection, {"porte": '"main"."porte"'}))
    assert (found[0] == found[1]) is is_same
