"""From values to types and back: the kept model alone tells the type of each territory, or why it has none."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import silhouette_samples

from dataelec_assets.analysis.typologie import assignment, groups
from dataelec_assets.analysis.typologie import model as typology
from dataelec_assets.analysis.typologie.assignment import assign
from dataelec_assets.analysis.typologie.features import VALUES, prepare, read_territories
from dataelec_assets.analysis.typologie.model import AVERAGE, SCHEMA, describe, fit
from tests.analysis.typologie.places import FEW_SEEDS, blobs, columns_of, table

pytestmark = pytest.mark.slow

Row = dict[str, Any]
POINTS, BLOB = blobs((50, 40, 30))


def chosen(model: pa.Table, **wanted: Any) -> list[Row]:
    rows: list[Row] = model.to_pylist()
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


@pytest.fixture(scope="module", autouse=True)
def _few_seeds() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(groups, "SEEDS", FEW_SEEDS)
        yield


@pytest.fixture(scope="module")
def values() -> pa.Table:
    return table(columns_of(POINTS))


@pytest.fixture(scope="module")
def model(values: pa.Table) -> pa.Table:
    return fit(values)


def test_the_model_tells_each_territory_its_type(values: pa.Table, model: pa.Table) -> None:
    rows = assign(values, model).to_pylist()
    assert [row["code_territoire"] for row in rows] == [f"t{number:03d}" for number in range(120)]
    assert [row["groupe"] for row in rows] == [blob + 1 for blob in BLOB]
    sizes = {row["groupe"]: row["nombre_territoires"] for row in chosen(model, objet="centre")}
    assert sizes == {1: 50, 2: 40, 3: 30}
    (choice,) = chosen(model, objet="choix", est_retenu=True)
    assert np.mean([row["silhouette"] for row in rows]) == pytest.approx(choice["silhouette"])
    assert (choice["groupe"], choice["nombre_territoires"], choice["nombre_ecartes"]) == (3, 120, 0)
    assert all(0 < row["distance_centre"] < row["distance_voisin"] for row in rows)
    assert all(row["motif"] is None and row["groupe"] != row["groupe_voisin"] for row in rows)


def test_silhouettes_are_those_of_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = np.array([*BLOB[:-1], 3])  # one alone
    expected = silhouette_samples(POINTS, labels)
    assert assignment._silhouettes(POINTS, labels) == pytest.approx(expected, abs=1e-12)
    monkeypatch.setattr(assignment, "_AT_ONCE", 7)
    assert assignment._silhouettes(POINTS, labels) == pytest.approx(expected, abs=1e-12)
    assert expected[-1] == 0


def test_the_same_values_are_not_fitted_again(
    values: pa.Table, model: pa.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fitted(_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(typology, "group", fitted)
    assert fit(values.take(pa.array(range(values.num_rows - 1, -1, -1))), model) is model
    other = values.set_column(
        VALUES.get_field_index("valeur"), "valeur", pa.array([1.5, *values.column("valeur").to_pylist()[1:]])
    )
    for changed, before in ((other, model), (values, model.drop_columns(["libelle"])), (values, model.slice(0, 0))):
        with pytest.raises(AssertionError):
            fit(changed, before)


def test_the_order_of_the_rows_does_not_matter(values: pa.Table, model: pa.Table) -> None:
    shuffled = values.take(pa.array(np.random.default_rng(2).permutation(values.num_rows)))
    assert fit(shuffled).equals(model)
    assert assign(shuffled, model).equals(assign(values, model))


def test_one_territory_far_out_makes_no_type_of_its_own() -> None:
    columns = columns_of(POINTS)
    columns["a"] = columns["a"].copy()
    columns["a"][5] = 1e6
    found = assign(table(columns), fit(table(columns))).to_pylist()
    # Far out on one side only, it stays with the others or goes to the type of that side; nobody else moves.
    assert [row["groupe"] for row in found[6:]] == [blob + 1 for blob in BLOB[6:]]
    assert found[5]["groupe"] in (1, 2, 3)


def test_a_territory_of_which_something_is_unknown_is_left_out_and_counted() -> None:
    columns = columns_of(POINTS)
    columns["b"] = columns["b"].copy()
    columns["b"][[3, 70]] = np.nan
    gaps = table(columns)
    model = fit(gaps)
    rows = assign(gaps, model).to_pylist()
    assert {row["code_territoire"]: row["motif"] for row in rows if row["groupe"] is None} == {
        "t003": "inconnu : b",
        "t070": "inconnu : b",
    }
    assert {row["silhouette"] for row in rows if row["groupe"] is None} == {None}
    assert {(row["nombre_territoires"], row["nombre_ecartes"]) for row in chosen(model, objet="choix")} == {(118, 2)}


@pytest.mark.parametrize(
    ("count", "features", "reason"),
    [
        (29, 4, "moins de 30 territoires dont tout est connu"),
        (100, 7, "moins de 128 territoires dont tout est connu"),
        (100, 2, "moins de 3 indicateurs utilisables"),
    ],
)
def test_too_few_territories_or_indicators_are_refused_with_the_reason(count: int, features: int, reason: str) -> None:
    few = table(columns_of(np.random.default_rng(0).normal(size=(count, features))))
    model = fit(few)
    assert chosen(model, objet="centre") == []
    assert {(row["est_retenu"], row["motif"]) for row in chosen(model, objet="choix")} == {(False, reason)}
    assert len(chosen(model, objet="choix")) == 7
    assert {(row["groupe"], row["motif"]) for row in assign(few, model).to_pylist()} == {
        (None, f"typologie refusée : {reason}")
    }


def test_what_has_no_groups_has_no_types_and_says_so() -> None:
    even = table(columns_of(np.random.default_rng(0).uniform(size=(90, 6))))
    model = fit(even)
    assert chosen(model, est_retenu=True, objet="choix") == []
    (reason,) = {row["motif"] for row in assign(even, model).to_pylist()}
    assert reason.startswith("typologie refusée : silhouette")


def test_a_type_is_described_by_what_sets_it_apart(model: pa.Table) -> None:
    for number in (1, 2, 3):
        rows = sorted(chosen(model, objet="centre", groupe=number), key=lambda row: row["rang_distinctif"])
        assert [row["rang_distinctif"] for row in rows] == [1, 2, 3, 4]
        assert [abs(row["centre"]) for row in rows] == sorted([abs(row["centre"]) for row in rows], reverse=True)
        first = rows[0]
        word = "beaucoup" if first["centre"] > 0 else "peu"
        assert first["libelle"].startswith(f"{word} de {first['code_indicateur']}")
        # Near the mean of the blob, but for what the bounds take away.
        members = [each for each, blob in zip(POINTS, BLOB, strict=True) if blob + 1 == number]
        published = dict(zip("abcd", np.mean(members, axis=0), strict=True))
        assert {row["code_indicateur"]: row["centre_publie"] for row in rows} == pytest.approx(published, abs=0.1)


def test_words_come_in_the_order_of_the_differences_and_small_ones_are_not_told() -> None:
    indicators = prepare(read_territories(table(columns_of(POINTS)))["epci"]).kept
    assert describe(np.array([0.6, -2.0, 0.49, 1.0]), indicators) == "peu de b, beaucoup de d, beaucoup de a"
    assert describe(np.array([1.1, -2.0, 1.2, 1.0]), indicators) == "peu de b, beaucoup de c, beaucoup de a"
    assert describe(np.array([0.1, -0.2, 0.49, 0.0]), indicators) == AVERAGE
    assert describe(np.array([1.0, -1.0, 1.0, 0.0]), indicators) == "beaucoup de a, peu de b, beaucoup de c"


def test_grains_are_told_apart(values: pa.Table, model: pa.Table) -> None:
    cities = table(columns_of(blobs((40, 40), seed=4)[0]), grain="commune")
    both = fit(pa.concat_tables([values, cities]))
    epci = pa.Table.from_pylist(chosen(both, maille="epci"), schema=SCHEMA)
    assert epci.drop_columns(["empreinte"]).equals(model.drop_columns(["empreinte"]))
    assert {row["groupe"] for row in chosen(both, maille="commune", objet="centre")} == {1, 2}


def test_one_thread_is_taken_even_when_scikit_learn_is_loaded_by_it() -> None:
    code = (
        "import sys\n"
        "from threadpoolctl import threadpool_info\n"
        "from dataelec_assets.analysis.typologie.groups import one_thread\n"
        "assert 'sklearn' not in sys.modules\n"
        "with one_thread():\n"
        "    taken = {library['user_api']: library['num_threads'] for library in threadpool_info()}\n"
        "assert taken == {'openmp': 1, 'blas': 1}, taken\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_nothing_gives_typed_tables_without_any_heavy_import() -> None:
    nothing = VALUES.empty_table()
    assert fit(nothing).equals(SCHEMA.empty_table())
    assert assign(nothing, fit(nothing)).equals(assignment.SCHEMA.empty_table())
    code = (
        "import sys\n"
        "from dataelec_assets.analysis.typologie.assignment import assign\n"
        "from dataelec_assets.analysis.typologie.features import VALUES\n"
        "from dataelec_assets.analysis.typologie.model import fit\n"
        "assign(VALUES.empty_table(), fit(VALUES.empty_table()))\n"
        "assert 'sklearn' not in sys.modules\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
