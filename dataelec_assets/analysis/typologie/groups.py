"""The number of types, if any: k by silhouette, stable from every start, and better than chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dataelec_assets.analysis.typologie.features import Floats

if TYPE_CHECKING:
    from numpy.random import RandomState

Labels = NDArray[np.int64]

# Numbers of types that are tried: people cannot tell more than eight apart.
NUMBERS = range(2, 9)

# Starts of each k-means, and seeds between which it must agree.
STARTS = 20
SEEDS = tuple(range(10))

# Mean adjusted Rand index between seeds: 1 is the same partition, 0 what chance agrees on (Hubert and Arabie, 1985).
LEAST_AGREEMENT = 0.9

# Kaufman and Rousseeuw (1990): up to 0.25, no structure has been found.
LEAST_SILHOUETTE = 0.25

# So many draws without groups that by chance the data beat all of them one time in twenty.
DRAWS = 19
# Silhouettes of draws hardly depend on how many points they have.
_MOST_DRAWN = 250

# Rows of distances that are held at once: 50 MB for the 6,000 towns of France.
_ROWS_AT_ONCE = 1024

# Fewer territories are examples rather than a type.
SMALLEST_GROUP = 5

# At least 2^d territories for d indicators (Formann, 1984), and in any case as many as can fill two types.
FEWEST_TERRITORIES = 30

UNSTABLE = "partition instable d'un tirage à l'autre"
WEAK = "silhouette trop faible : pas de groupes distincts"
BY_CHANCE = "silhouette pas meilleure que celle de points tirés au hasard"
LESS_GOOD = "silhouette moins bonne que celle retenue"
SMALL = f"un groupe de moins de {SMALLEST_GROUP} territoires"


@dataclass(frozen=True, slots=True)
class Choice:
    """The result with one number of types.

    Attributes:
        number: of types.
        silhouette: mean over the territories, -1 to 1.
        agreement: mean adjusted Rand index between seeds.
        smallest: size of the smallest type.
        reason: why this number was not chosen; None for the one that was.
    """

    number: int
    silhouette: float
    agreement: float
    smallest: int
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Grouping:
    """The numbers of types that were tried, and the types if one number was chosen.

    Attributes:
        choices: by number of types.
        by_chance: best silhouette of draws without groups, whatever their number of types.
        labels: type of each territory, from 0, largest type first; None when every number was refused.
        centres: types × features.
    """

    choices: tuple[Choice, ...]
    by_chance: float
    labels: Labels | None = None
    centres: Floats | None = None


@contextmanager
def one_thread() -> Iterator[None]:
    """Limit scikit-learn to one thread, and let it trust its input, which it checks in 300 calls of a typology.

    The last digits must not depend on the number of cores, and refreshes run beside other work. Only libraries that are
    loaded can be limited, so scikit-learn is loaded first.
    """
    import sklearn
    import sklearn.cluster
    import sklearn.metrics  # loads its OpenMP
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), sklearn.config_context(assume_finite=True, skip_parameter_validation=True):
        yield


def fewest_territories(indicators: int) -> int:
    """Return how many territories a typology on this many indicators needs."""
    return max(FEWEST_TERRITORIES, 1 << indicators)


def group(features: Floats) -> Grouping:
    """Group territories by k-means, or refuse.

    The number with the best silhouette is chosen, among those whose partition does not depend on the seed, whose
    silhouette is above :data:`LEAST_SILHOUETTE` and above that of every draw without groups, and whose types are not
    too small.

    Args:
        features: territories × features, standardised; more territories than :data:`NUMBERS` has numbers.
    """
    with one_thread():
        by_chance = _best_by_chance(features)
        found = _tried(features, by_chance)
    chosen = min(
        (each for each in found if each[0].reason is None),
        key=lambda each: (-each[0].silhouette, each[0].number),
        default=None,
    )
    if chosen is None:
        return Grouping(tuple(choice for choice, *_ in found), by_chance)
    choices = tuple(
        replace(choice, reason=LESS_GOOD) if choice.reason is None and choice.number != chosen[0].number else choice
        for choice, *_ in found
    )
    return Grouping(choices, by_chance, *_numbered(*chosen[1:]))


def _tried(features: Floats, by_chance: float) -> list[tuple[Choice, Labels, Floats]]:
    """Return the result with each number of types, and its types."""
    found = [_k_means(features, number, SEEDS[0]) for number in NUMBERS]
    silhouettes = _silhouettes(features, [labels for labels, _ in found])
    tried = []
    for number, silhouette, (labels, centres) in zip(NUMBERS, silhouettes, found, strict=True):
        agreement = _agreement(features, number, labels)
        choice = Choice(number, silhouette, agreement, int(np.bincount(labels).min()))
        tried.append((replace(choice, reason=_fault(choice, by_chance)), labels, centres))
    return tried


def _fault(choice: Choice, by_chance: float) -> str | None:
    if choice.silhouette < LEAST_SILHOUETTE:
        return WEAK
    if choice.silhouette <= by_chance:
        return BY_CHANCE
    if choice.agreement < LEAST_AGREEMENT:
        return UNSTABLE
    return SMALL if choice.smallest < SMALLEST_GROUP else None


def _k_means(features: Floats, number: int, seed: int, starts: int = STARTS) -> tuple[Labels, Floats]:
    from sklearn.cluster import KMeans

    made = KMeans(number, init=_Starts(starts), n_init=starts, random_state=seed, algorithm="lloyd").fit(features)
    return made.labels_.astype(np.int64), made.cluster_centers_


class _Starts:
    """Hands out the first centres of each start of a k-means, which :func:`first_centres` draws all at once."""

    def __init__(self, starts: int) -> None:
        self._starts = starts
        self._drawn: Iterator[Floats] | None = None

    def __call__(self, points: Floats, number: int, random_state: RandomState) -> Floats:
        if self._drawn is None:
            self._drawn = iter(first_centres(points, number, random_state, self._starts))
        return next(self._drawn)


def first_centres(points: Floats, number: int, random_state: RandomState, starts: int) -> Floats:
    """Draw the first centres of some starts by greedy k-means++ (Arthur and Vassilvitskii, 2007).

    They are those that scikit-learn draws one start after another, with as many draws for each centre: two, and the
    logarithm of the number of centres.

    Args:
        points: points × features.
        number: of centres.
        random_state: what to draw with.
        starts: how many.

    Returns:
        Starts × centres × features.
    """
    trials = 2 + int(np.log(number))
    draws = random_state.random_sample((starts, 1 + (number - 1) * trials))
    norms = np.einsum("ij,ij->i", points, points)
    shares = np.full(len(points), 1 / len(points)).cumsum()
    chosen = np.empty((starts, number), dtype=np.int64)
    chosen[:, 0] = np.searchsorted(shares / shares[-1], draws[:, 0], side="right")
    every = np.arange(starts)
    nearest = _squares(points, norms, chosen[:, 0])
    for at in range(1, number):
        first = 1 + (at - 1) * trials
        wanted = draws[:, first : first + trials] * nearest.sum(axis=1)[:, None]
        # The first point whose share of the squared distances, added to those before it, reaches what was drawn.
        reached = (nearest.cumsum(axis=1)[:, None] < wanted[..., None]).sum(axis=2).clip(max=len(points) - 1)
        tried = np.minimum(nearest[:, None], _squares(points, norms, reached))
        best = tried.sum(axis=2).argmin(axis=1)
        nearest, chosen[:, at] = tried[every, best], reached[every, best]
    return points[chosen]


def _squares(points: Floats, norms: Floats, centres: Labels) -> Floats:
    """Return the squared distance of some points, by their places, to every point."""
    found = norms - 2 * points[centres] @ points.T
    found += norms[centres][..., None]
    np.put_along_axis(found, centres[..., None], 0.0, axis=-1)
    return np.maximum(found, 0.0, out=found)


def _silhouettes(points: Floats, partitions: Sequence[Labels]) -> list[float]:
    """Return the mean silhouette of each partition of some points (Rousseeuw, 1987)."""
    from sklearn.metrics import euclidean_distances

    sizes = [np.bincount(labels) for labels in partitions]
    members = [
        (labels[:, None] == np.arange(len(size))).astype(np.float64)
        for labels, size in zip(partitions, sizes, strict=True)
    ]
    totals = np.zeros(len(partitions))
    for start in range(0, len(points), _ROWS_AT_ONCE):
        rows = np.arange(start, min(start + _ROWS_AT_ONCE, len(points)))
        distances = euclidean_distances(points[rows], points)
        distances[rows - start, rows] = 0.0
        for at, (labels, size, member) in enumerate(zip(partitions, sizes, members, strict=True)):
            sums, own = distances @ member, (rows - start, labels[rows])
            within = sums[own] / np.maximum(size[labels[rows]] - 1, 1)
            means = sums / size
            means[own] = np.inf
            nearest = means.min(axis=1)
            # A point alone in its group has a silhouette of 0; points that all coincide too.
            apart = (size[labels[rows]] > 1) & (np.maximum(nearest, within) > 0)
            totals[at] += np.divide(
                nearest - within, np.maximum(nearest, within), out=np.zeros(len(rows)), where=apart
            ).sum()
    return [float(each) for each in totals / len(points)]


def _agreement(features: Floats, number: int, first: Labels) -> float:
    """Return the mean adjusted Rand index between the partitions of all seeds."""
    from sklearn.metrics import adjusted_rand_score

    partitions = [first, *(_k_means(features, number, seed)[0] for seed in SEEDS[1:])]
    # Most seeds find one of a few partitions.
    found: dict[bytes, Labels] = {}
    kinds = [found.setdefault(_renamed(each).tobytes(), each) for each in partitions]
    indices: dict[tuple[int, int], float] = {}
    for one, other in combinations(kinds, 2):
        if (id(one), id(other)) not in indices:
            indices[id(one), id(other)] = 1.0 if one is other else float(adjusted_rand_score(one, other))
    return float(np.mean([indices[id(one), id(other)] for one, other in combinations(kinds, 2)]))


def _renamed(labels: Labels) -> Labels:
    """Return the partition with its groups numbered by their first member."""
    _, first, group = np.unique(labels, return_index=True, return_inverse=True)
    return np.asarray(first.argsort().argsort()[group])


def _best_by_chance(features: Floats) -> float:
    """Return the best silhouette of points drawn evenly in the box of the data's principal axes.

    This is the reference of the gap statistic (Tibshirani, Walther and Hastie, 2001): as wide as the data in each
    direction, and without groups. The best over all numbers of types, as for the data.
    """
    centred = features - features.mean(axis=0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    turned = centred @ axes.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    draws = np.random.default_rng(SEEDS[0])
    size = (min(len(features), _MOST_DRAWN), turned.shape[1])
    sets = [draws.uniform(low, high, size) for _ in range(DRAWS)]
    found = (
        _silhouettes(points, [_k_means(points, number, SEEDS[0], starts=5)[0] for number in NUMBERS]) for points in sets
    )
    return max(max(each) for each in found)


def _numbered(labels: Labels, centres: Floats) -> tuple[Labels, Floats]:
    """Return labels and centres with the largest type first; of equal ones, by their centres."""
    sizes = np.bincount(labels, minlength=len(centres))
    order = sorted(range(len(centres)), key=lambda each: (-int(sizes[each]), [float(x) for x in centres[each]]))
    number_of = np.empty(len(centres), dtype=np.int64)
    number_of[order] = np.arange(len(centres))
    return number_of[labels], centres[order]
