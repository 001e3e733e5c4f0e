"""K-means and its scores are scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_samples
from threadpoolctl import threadpool_limits

from dataelec_assets.analysis.typologie import kmeans
from dataelec_assets.analysis.typologie.kmeans import adjusted_rand, k_means, silhouettes
from tests.analysis.typologie.places import Floats


def _points(seed: int) -> Floats:
    """Return points in blobs that overlap, or in none."""
    draws = np.random.default_rng(seed)
    size, features = int(draws.integers(40, 400)), int(draws.integers(3, 8))
    points = draws.normal(size=(size, features))
    return points + 2 * draws.normal(size=(5, features))[draws.integers(0, 5, size)] * (seed % 2)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("number", [2, 3, 5, 8])
def test_types_and_centres_are_those_of_scikit_learn(seed: int, number: int) -> None:
    points = _points(seed)
    with threadpool_limits(1):
        expected = KMeans(number, n_init=8, random_state=seed, algorithm="lloyd").fit(points)
        found = k_means(points, number, seed, starts=8)
    assert np.array_equal(found.labels, expected.labels_)
    assert np.allclose(found.centres, expected.cluster_centers_, rtol=0, atol=1e-12)


def test_a_start_that_leaves_a_cluster_empty_gives_it_the_farthest_point() -> None:
    points = np.array([[0.0], [1.0], [10.0], [11.0]])
    before = np.array([[[0.5], [10.5], [99.0]]])
    labels = np.array([[0, 0, 1, 1]])
    # All lie as far from their centres: the last one is taken.
    assert kmeans._centres(points, labels, before).ravel().tolist() == [0.5, 10.0, 11.0]


@pytest.mark.parametrize("seed", range(4))
def test_scores_are_those_of_scikit_learn(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    points = _points(seed)
    one, other = (k_means(points, number, seed, starts=2).labels for number in (3, 4))
    assert adjusted_rand(one, other) == pytest.approx(adjusted_rand_score(one, other), abs=1e-15)
    assert adjusted_rand(one, (one + 1) % 3) == 1
    expected = silhouette_samples(points, one)
    assert silhouettes(points, one) == pytest.approx(expected, abs=1e-12)
    monkeypatch.setattr(kmeans, "_ROWS_AT_ONCE", 7)
    assert silhouettes(points, one) == pytest.approx(expected, abs=1e-12)


def test_a_point_alone_in_its_cluster_has_no_silhouette() -> None:
    points = np.array([[0.0], [1.0], [50.0]])
    assert silhouettes(points, np.array([0, 0, 1]))[2] == 0
