"""Known groups are found again; where there are none, none are made up."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import kmeans_plusplus
from sklearn.metrics import adjusted_rand_score, silhouette_score

from dataelec_assets.analysis.typologie import groups
from dataelec_assets.analysis.typologie.groups import (
    BY_CHANCE,
    LEAST_SILHOUETTE,
    SMALL,
    UNSTABLE,
    WEAK,
    Labels,
    first_centres,
    group,
)
from tests.analysis.typologie.places import FEW_SEEDS, Floats, blobs

pytestmark = pytest.mark.slow


@pytest.fixture
def few_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "SEEDS", FEW_SEEDS)


@pytest.mark.parametrize("sizes", [(60, 40), (50, 40, 30), (40, 35, 30, 25, 20)])
def test_known_groups_are_found_with_their_number(sizes: tuple[int, ...]) -> None:
    points, blob = blobs(sizes, features=5)
    found = group(points)
    assert found.labels is not None
    assert found.centres is not None
    assert len(found.centres) == len(sizes)
    assert adjusted_rand_score(blob, found.labels) > 0.99
    # The largest is the first.
    assert list(np.bincount(found.labels)) == sorted(np.bincount(found.labels), reverse=True)
    assert [choice.number for choice in found.choices if choice.reason is None] == [len(sizes)]


@pytest.mark.usefixtures("few_seeds")
@pytest.mark.parametrize("features", [3, 6])
@pytest.mark.parametrize("shape", ["even", "round"])
def test_points_without_groups_are_refused(features: int, shape: str) -> None:
    draws = np.random.default_rng(features)
    points = draws.uniform(-1, 1, (90, features)) if shape == "even" else draws.normal(size=(90, features))
    found = group(points)
    assert {choice.reason for choice in found.choices} <= {WEAK, BY_CHANCE}
    assert found.labels is None


@pytest.mark.usefixtures("few_seeds")
def test_a_weak_silhouette_is_refused_even_where_chance_does_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "_best_by_chance", lambda _: -1.0)
    points = np.random.default_rng(1).normal(size=(90, 6))
    found = group(points)
    assert max(choice.silhouette for choice in found.choices) < LEAST_SILHOUETTE
    assert {choice.reason for choice in found.choices} == {WEAK}
    assert found.labels is None


@pytest.mark.usefixtures("few_seeds")
def test_a_partition_that_depends_on_the_seed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    points, _ = blobs((50, 50))
    genuine = groups._k_means

    def moody(features: Floats, number: int, seed: int, starts: int = groups.STARTS) -> tuple[Labels, Floats]:
        labels, centres = genuine(features, number, seed, starts)
        return (np.random.default_rng(seed).permutation(labels) if seed else labels), centres

    monkeypatch.setattr(groups, "_k_means", moody)
    found = group(points)
    assert found.labels is None
    assert found.choices[0].reason == UNSTABLE
    assert found.choices[0].agreement < 0.9


@pytest.mark.usefixtures("few_seeds")
def test_a_handful_is_no_type() -> None:
    points, _ = blobs((60, 60, 4), apart=12)
    found = group(points)
    by_number = {choice.number: choice for choice in found.choices}
    assert by_number[3].reason == SMALL
    assert found.centres is not None
    assert len(found.centres) == 2


@pytest.mark.parametrize("number", [2, 5, 8])
def test_starts_are_those_of_scikit_learn(number: int) -> None:
    points = np.random.default_rng(number).normal(size=(90, 4))
    points[7] = points[30]
    one_by_one = np.random.RandomState(3)
    expected = [kmeans_plusplus(points, number, random_state=one_by_one)[0] for _ in range(20)]
    assert np.array_equal(first_centres(points, number, np.random.RandomState(3), 20), expected)


def test_silhouettes_are_those_of_scikit_learn_whatever_is_held_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    draws = np.random.default_rng(1)
    points = draws.normal(size=(90, 4))
    points[1] = points[0]
    # The last one has a group of one point, and one of two points that coincide.
    alone = np.where(np.arange(90) < 2, 2, np.where(np.arange(90) == 40, 1, 0))
    partitions = [*(np.arange(90) % number for number in (2, 7)), alone]
    expected = [silhouette_score(points, labels) for labels in partitions]
    for rows in (1024, 40):
        monkeypatch.setattr(groups, "_ROWS_AT_ONCE", rows)
        assert groups._silhouettes(points, partitions) == pytest.approx(expected, rel=1e-12)


def test_the_agreement_is_the_mean_over_all_pairs_of_seeds(monkeypatch: pytest.MonkeyPatch) -> None:
    # Seeds find three partitions, one of them under other numbers.
    seen = [np.repeat([0, 1, 2], 10), np.repeat([2, 0, 1], 10), np.arange(30) % 3, np.arange(30) // 15]
    found = [seen[seed % 4] for seed in groups.SEEDS]
    monkeypatch.setattr(groups, "_k_means", lambda _points, _number, seed: (found[seed], np.empty((3, 1))))
    expected = np.mean([adjusted_rand_score(a, b) for at, a in enumerate(found) for b in found[at + 1 :]])
    assert groups._agreement(np.empty((30, 1)), 3, found[0]) == pytest.approx(expected)
