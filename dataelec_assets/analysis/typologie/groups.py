"""The number of types, if any: k by silhouette, stable from every start, and better than chance."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from dataelec_assets.analysis.typologie.features import Floats

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
        found = [_tried(features, number, by_chance) for number in NUMBERS]
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


def _tried(features: Floats, number: int, by_chance: float) -> tuple[Choice, Labels, Floats]:
    labels, centres = _k_means(features, number, SEEDS[0])
    choice = Choice(
        number, _silhouette(features, labels), _agreement(features, number, labels), int(np.bincount(labels).min())
    )
    return replace(choice, reason=_fault(choice, by_chance)), labels, centres


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

    made = KMeans(number, n_init=starts, random_state=seed, algorithm="lloyd").fit(features)
    return made.labels_.astype(np.int64), made.cluster_centers_


def _silhouette(features: Floats, labels: Labels) -> float:
    from sklearn.metrics import silhouette_score

    return float(silhouette_score(features, labels))


def _agreement(features: Floats, number: int, first: Labels) -> float:
    from sklearn.metrics import adjusted_rand_score

    partitions = [first, *(_k_means(features, number, seed)[0] for seed in SEEDS[1:])]
    return float(np.mean([adjusted_rand_score(one, other) for one, other in combinations(partitions, 2)]))


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
    return max(
        _silhouette(points, _k_means(points, number, SEEDS[0], starts=5)[0]) for points in sets for number in NUMBERS
    )


def _numbered(labels: Labels, centres: Floats) -> tuple[Labels, Floats]:
    """Return labels and centres with the largest type first; of equal ones, by their centres."""
    sizes = np.bincount(labels, minlength=len(centres))
    order = sorted(range(len(centres)), key=lambda each: (-int(sizes[each]), [float(x) for x in centres[each]]))
    number_of = np.empty(len(centres), dtype=np.int64)
    number_of[order] = np.arange(len(centres))
    return number_of[labels], centres[order]
