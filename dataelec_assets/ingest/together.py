"""Which partitions are asked for in one request. A pure function of what is stale and of what the portal announces.

A first load would ask for two hundred months of each data set by themselves: most of its time and of a portal's quota
goes into calls. So many months of a year are one request, several years of a small set too, and the export is cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from dataelec_assets.catalog import Dataset
from dataelec_assets.ingest.plan import Stale
from dataelec_assets.portals.fingerprints import Fingerprint
from dataelec_assets.portals.partition_filters import UNDATED

# Two months are asked for side by side in the time of one; from three on calls are saved.
AT_LEAST = 3

# A portal exports 13,600 rows a second (measured: 43,479 rows in 3.2 s), and a stream that breaks is begun anew. Up to
# this number of rows, 7 s, years are joined: a daily set of the thirteen regions comes whole (16 years: 75,000).
JOINED_ROWS = 100_000

# A year with more rows is asked for by the month: 74 s of export. The largest year of the catalogue has 421,632
# (quarter-hours of twelve regions).
MOST_ROWS = 1_000_000

# Rows of partitions that are not stale come along; never more than those that are wanted.
_LEAST_SHARE = 0.5


def requests_of(dataset: Dataset, stale: Iterable[Stale], shown: Mapping[str, Fingerprint]) -> list[tuple[Stale, ...]]:
    """Return what to ask for in one request each, oldest first.

    Args:
        dataset: the data set.
        stale: the partitions that are wanted.
        shown: what the portal shows of each partition.
    """
    wanted = sorted(stale, key=lambda each: each.partition)
    if dataset.partitioning.on is None or dataset.stamped_by is not None:
        return [(each,) for each in wanted]
    undated = [each for each in wanted if each.partition == UNDATED]
    dated = [each for each in wanted if each.partition != UNDATED]
    groups: list[list[Stale]] = []
    for _, year in groupby(dated, key=lambda each: each.partition[:4]):
        months = list(year)
        if groups and _is_worth([*groups[-1], *months], shown, JOINED_ROWS):
            groups[-1].extend(months)
        else:
            groups.append(months)
    found: list[tuple[Stale, ...]] = []
    for group in groups:
        if len(group) >= AT_LEAST and _is_worth(group, shown, MOST_ROWS):
            found.append(tuple(group))
        else:
            found.extend((each,) for each in group)
    return [*found, *((each,) for each in undated)]


def _is_worth(group: Sequence[Stale], shown: Mapping[str, Fingerprint], most: int) -> bool:
    """Return whether one request for a group has few enough rows, and enough of them are wanted."""
    first, last = group[0].partition, group[-1].partition
    rows = sum(each.rows for key, each in shown.items() if first <= key <= last)
    wanted = sum(shown[each.partition].rows for each in group)
    return rows <= most and wanted >= _LEAST_SHARE * rows
