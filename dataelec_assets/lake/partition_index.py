"""What is known of Parquet copies without opening them: signatures, facts of partitions, summaries.

Three words, three things: a *fingerprint* is what a portal shows of a partition (``portals/fingerprints.py``); a
*signature* says from what a copy or a build was made; a *digest* is the SHA-256 of some bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dataelec_assets.catalog import Dataset
from dataelec_assets.lake.arrow_reading import Facts


@dataclass(frozen=True, slots=True)
class PartitionInfo:
    """What is known of one Parquet partition without opening it: see :class:`~dataelec_assets.lake.reading.Facts`.

    Attributes:
        signature: identifies the raw vintages and the contract from which it was made.
    """

    signature: str
    rows: int
    first: str | None
    last: str | None
    last_measured: str | None

    @classmethod
    def of(cls, signature: str, facts: Facts) -> PartitionInfo:
        """Return the facts under their signature."""
        return cls(signature, facts.rows, facts.first, facts.last, facts.last_measured)


@dataclass(frozen=True, slots=True)
class Head:
    """A summary of a data set's copies: all that a refresh without work and ``dataelec status`` read.

    Attributes:
        contract: digest of the contract by which they were made.
        digest: of the signatures of all partitions; equal content, equal digest.
        partitions, rows: how many there are.
        first, last_measured: oldest day or instant, and newest measured one (ISO).
    """

    contract: str
    digest: str
    partitions: int
    rows: int
    first: str | None
    last_measured: str | None


def span_of(dataset: Dataset, index: Mapping[str, PartitionInfo]) -> tuple[str | None, str | None]:
    """Return the oldest day, instant or year of a data set and its newest measured one; for editions, their dates."""
    if dataset.partitioning.grain == "edition":
        return min(index, default=None), max(index, default=None)
    firsts = [info.first for info in index.values() if info.first]
    measured = [info.last_measured for info in index.values() if info.last_measured]
    return min(firsts, default=None), max(measured, default=None)


def digest_of(signatures: Mapping[str, str]) -> str:
    """Return the digest of the signatures of some partitions."""
    return hashlib.sha256("\n".join(f"{key} {signatures[key]}" for key in sorted(signatures)).encode()).hexdigest()


def contract_digest(dataset: Dataset) -> str:
    """Return a digest of everything in the entry that shapes the Parquet bytes."""
    content = [
        [c.name, c.type, c.unit, c.description, list(c.null_markers), c.date_format, c.width, list(c.labels)]
        for c in dataset.columns
    ]
    parts: list[object] = [
        *(content, list(dataset.key), dataset.keep_vanished, dataset.partitioning.grain, list(dataset.summed))
    ]
    if dataset.years_in_columns is not None:
        parts.append(dataset.years_in_columns.pattern)
    shape = json.dumps(parts)
    return hashlib.sha256(shape.encode()).hexdigest()


def signatures_of(dataset: Dataset, digests: Sequence[str]) -> list[str]:
    """Return the signature of the partition after each vintage, oldest first.

    Where vanished rows are kept the signature chains all vintages; elsewhere the newest vintage alone counts.
    """
    chained = contract_digest(dataset)
    result = []
    for digest in digests:
        base = chained if dataset.keep_vanished else contract_digest(dataset)
        chained = hashlib.sha256(f"{base}\n{digest}".encode()).hexdigest()
        result.append(chained)
    return result
