"""Known groups are found again; where there are none, none are made up."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from dataelec_assets.analysis.typologie import groups
from dataelec_assets.analysis.typologie.groups import (
    BY_CHANCE,
    LEAST_SILHOUETTE,
    SMALL,
    UNSTABLE,
    WEAK,
    Labels,
    group,
)
from tests.analysis.typologie.places import Floats, blobs

pytestmark = pytest.mark.slow


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


@pytest.mark.parametrize("features", [3, 6])
@pytest.mark.parametrize("shape", ["even", "round"])
def test_points_without_groups_are_refused(features: int, shape: str) -> None:
    draws = np.random.default_rng(features)
    points = draws.uniform(-1, 1, (90, features)) if shape == "even" else draws.normal(size=(90, features))
    found = group(points)
    assert {choice.reason for choice in found.choices} <= {WEAK, BY_CHANCE}
    assert found.labels is None


def test_a_weak_silhouette_is_refused_even_where_chance_does_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(groups, "_best_by_chance", lambda _: -1.0)
    points = np.random.default_rng(1).normal(size=(90, 6))
    found = group(points)
    assert max(choice.silhouette for choice in found.choices) < LEAST_SILHOUETTE
    assert {choice.reason for choice in found.choices} == {WEAK}
    assert found.labels is None


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


def test_a_handful_is_no_type() -> None:
    points, _ = blobs((60, 60, 4), apart=12)
    found = group(points)
    by_number = {choice.number: choice for choice in found.choices}
    assert by_number[3].reason == SMALL
    assert found.centres is not None
    assert len(found.centres) == 2
