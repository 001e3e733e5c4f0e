"""K-means as scikit-learn's ``KMeans`` makes it, all starts side by side, and the two scores that judge its result.

The draws, their order and the arithmetic are scikit-learn's (greedy k-means++, then Lloyd), so the types are the same,
which a test checks. What it does for one start at a time, with its checks and conversions for each, is done here for
all starts at once: on a few hundred territories that takes a third of the time, and nothing has to be loaded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dataelec_assets.analysis.typologie.features import Floats

Labels = NDArray[np.int64]

# As in scikit-learn: a start has converged when its centres move less than this share of the variance.
_TOLERANCE, _MOST_ITERATIONS = 1e-4, 300

# Rows whose distances to all others are added up at once: 5,400 towns then take 130 MB.
_ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class KMeans:
    """The best of several starts.

    Attributes:
        labels: cluster of each point, from 0.
        centres: clusters × features.
    """

    labels: Labels
    centres: Floats


def k_means(features: Floats, number: int, seed: int, starts: int) -> KMeans:
    """Group points into clusters.

    Args:
        features: points × features; at least ``number`` distinct points.
        number: of clusters.
        seed: of the draws.
        starts: of which the one with the smallest sum of squares is taken, the first of equal ones.
    """
    mean = features.mean(axis=0)
    points = features - mean
    norms = np.einsum("ij,ij->i", points, points)
    centres = _first_centres(points, norms, number, seed, starts)
    labels, previous = _converged(points, centres)
    best = _best(points, labels, previous, number)
    return KMeans(labels[best], _means(points, previous[best], number) + mean)


def _first_centres(points: Floats, norms: Floats, number: int, seed: int, starts: int) -> Floats:
    """Return the first centres of each start by greedy k-means++ (Arthur and Vassilvitskii, 2007)."""
    trials = 2 + int(np.log(number))
    size = len(points)
    # In the order in which one start after another draws them.
    draws = np.random.RandomState(seed).random_sample((starts, 1 + (number - 1) * trials))
    weights = np.cumsum(np.full(size, 1 / size))
    chosen = np.searchsorted(weights / weights[-1], draws[:, 0], side="right")
    centres = np.empty((starts, number, points.shape[1]))
    centres[:, 0] = points[chosen]
    nearest = _distances(points[chosen], points, norms)
    potential = nearest.sum(axis=1)
    for each in range(1, number):
        wanted = draws[:, 1 + (each - 1) * trials : 1 + each * trials] * potential[:, None]
        cumulated = np.cumsum(nearest, axis=1)
        candidates = np.array([np.searchsorted(row, values) for row, values in zip(cumulated, wanted, strict=True)])
        candidates = np.minimum(candidates, size - 1)
        reached = np.minimum(nearest[:, None], _distances(points[candidates], points, norms))
        potentials = reached.sum(axis=2)
        best = potentials.argmin(axis=1)
        rows = np.arange(starts)
        nearest, potential = reached[rows, best], potentials[rows, best]
        centres[:, each] = points[candidates[rows, best]]
    return centres


def _distances(centres: Floats, points: Floats, norms: Floats) -> Floats:
    """Return the squared distances of centres, the last axis of which is features, to each point."""
    own = np.einsum("...j,...j->...", centres, centres)
    return np.asarray(np.maximum(own[..., None] - 2 * (centres @ points.T) + norms, 0.0))


def _converged(points: Floats, centres: Floats) -> tuple[Labels, Labels]:
    """Return the clusters of the points in each start, and those of which the last centres are the means."""
    starts = len(centres)
    tolerance = float(np.mean(np.var(points, axis=0))) * _TOLERANCE
    centres = centres.copy()
    labels = np.full((starts, len(points)), -1, dtype=np.int64)
    means_of = labels.copy()
    going = np.arange(starts)
    for _ in range(_MOST_ITERATIONS):
        found = _nearest(points, centres[going])
        moved = _centres(points, found, centres[going])
        shift = ((moved - centres[going]) ** 2).sum(axis=(1, 2))
        same = (found == labels[going]).all(axis=1)
        labels[going], means_of[going], centres[going] = found, found, moved
        settled = ~same & (shift <= tolerance)
        if settled.any():
            labels[going[settled]] = _nearest(points, moved[settled])
        going = going[~same & ~settled]
        if not len(going):
            break
    else:
        labels[going] = _nearest(points, centres[going])
    return labels, means_of


def _nearest(points: Floats, centres: Floats) -> Labels:
    own = np.einsum("...j,...j->...", centres, centres)
    distances = own[..., None] - 2 * (centres @ points.T)
    # As `argmin`, which is slow along an axis that is neither the last nor long.
    least = distances[:, 0].copy()
    labels = np.zeros(least.shape, dtype=np.int64)
    for each in range(1, centres.shape[1]):
        labels[distances[:, each] < least] = each
        np.minimum(least, distances[:, each], out=least)
    return labels


def _centres(points: Floats, labels: Labels, before: Floats) -> Floats:
    """Return the means of the clusters of each start; an empty one takes the points that are farthest from theirs."""
    number = before.shape[1]
    member = (labels[:, None] == np.arange(number)[:, None]).astype(np.float64)
    sums, sizes = member @ points, member.sum(axis=2)
    for start in np.flatnonzero((sizes == 0).any(axis=1)):
        own = labels[start]
        away = ((points - before[start, own]) ** 2).sum(axis=1)
        empty = np.flatnonzero(sizes[start] == 0)
        for cluster, far in zip(empty, np.argsort(away, kind="stable")[::-1], strict=False):
            sums[start, own[far]] -= points[far]
            sizes[start, own[far]] -= 1
            sums[start, cluster], sizes[start, cluster] = points[far], 1
    return np.asarray(sums / np.maximum(sizes, 1)[..., None])


def _best(points: Floats, labels: Labels, previous: Labels, number: int) -> int:
    """Return the start with the smallest sum of squares; one that only renames the clusters is no better."""
    best, smallest = 0, np.inf
    for start, own in enumerate(labels):
        centres = _means(points, previous[start], number)
        inertia = float(((points - centres[own]) ** 2).sum())
        if inertia < smallest and (start == 0 or not _renamed(own, labels[best], number)):
            best, smallest = start, inertia
    return best


def _renamed(one: Labels, other: Labels, number: int) -> bool:
    return int((_table(one, other, number) > 0).sum()) == len(np.unique(one)) == len(np.unique(other))


def _means(points: Floats, labels: Labels, number: int) -> Floats:
    """Return the mean of each cluster, added up in the order of the points."""
    sums = np.stack([np.bincount(labels, weights=column, minlength=number) for column in points.T], axis=1)
    return sums * (1 / np.maximum(np.bincount(labels, minlength=number), 1))[:, None]


def _table(one: Labels, other: Labels, number: int) -> Labels:
    """Return how many points each pair of clusters shares."""
    return np.bincount(one * number + other, minlength=number * number).reshape(number, number)


def adjusted_rand(one: Labels, other: Labels) -> float:
    """Return the adjusted Rand index of two partitions (Hubert and Arabie, 1985): 1 when they are the same."""
    table = _table(one, other, int(max(one.max(), other.max())) + 1)
    squares = int((table**2).sum())
    together = squares - len(one)
    only_one = int((table @ table.sum(axis=0)).sum()) - squares
    only_other = int((table.T @ table.sum(axis=1)).sum()) - squares
    apart = len(one) ** 2 - only_one - only_other - squares
    if only_one == 0 and only_other == 0:
        return 1.0
    return (
        2.0
        * (together * apart - only_other * only_one)
        / ((together + only_other) * (only_other + apart) + (together + only_one) * (only_one + apart))
    )


def silhouettes(features: Floats, labels: Labels) -> Floats:
    """Return the silhouette of each point (Rousseeuw, 1987): -1 to 1; 0 for one that is alone in its cluster."""
    sizes = np.bincount(labels)
    number = len(sizes)
    norms = np.einsum("ij,ij->i", features, features)
    found = np.empty(len(features))
    for start in range(0, len(features), _ROWS_AT_ONCE):
        rows = np.arange(start, min(start + _ROWS_AT_ONCE, len(features)))
        some = features if len(rows) == len(features) else features[rows]
        distances = np.sqrt(np.maximum(-2 * (some @ features.T) + norms[rows, None] + norms, 0.0))
        distances[np.arange(len(rows)), rows] = 0.0
        at = (np.arange(len(rows))[:, None] * number + labels).ravel()
        sums = np.bincount(at, weights=distances.ravel(), minlength=len(rows) * number).reshape(len(rows), number)
        own = np.arange(len(rows)), labels[rows]
        within = sums[own] / np.maximum(sizes[labels[rows]] - 1, 1)
        sums[own] = np.inf
        between = (sums / sizes).min(axis=1)
        alone = sizes[labels[rows]] == 1
        found[rows] = np.where(alone, 0.0, (between - within) / np.maximum(within, between))
    return found
