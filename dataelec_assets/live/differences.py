"""What a portal says and the catalogue does not: pure functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal, get_args

from dataelec_assets.catalog import Column, Dataset, Edition, slug
from dataelec_assets.catalog.columns import PortalType
from dataelec_assets.ingest.editions import overdue
from dataelec_assets.ingest.freshness import age_of
from dataelec_assets.lake.dates import last_day
from dataelec_assets.lake.file_formats import RawFile, unknown_headers
from dataelec_assets.live.licences import same_licence
from dataelec_assets.live.shown import Shown, missing_columns
from dataelec_assets.portals.partition_filters import PARIS

Claim = Literal["address", "edition", "title", "licence", "column", "type", "values", "rows", "history", "freshness"]

# Types that a portal may declare and the contract knows: others, such as shapes, say nothing.
_DECLARED = frozenset(get_args(PortalType))

# A header without a file.
_NOWHERE = Path()

# A portal flips between these as values come and go; the lake keeps every measure as a double.
_NUMBERS = frozenset({"int", "double"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One point in which portal and catalogue differ.

    Attributes:
        claim: which kind of claim of the catalogue.
        catalogue: what the catalogue says.
        portal: what the portal shows.
    """

    claim: Claim
    catalogue: str
    portal: str

    def __str__(self) -> str:
        """Return both sides in one line."""
        return f"{self.claim}: the catalogue says {self.catalogue}; the portal {self.portal}"


def differences(
    dataset: Dataset, shown: Shown, now: datetime, published: Sequence[Edition] = ()
) -> tuple[Difference, ...]:
    """Return the points in which a portal and the catalogue differ; none for a portal that cannot be reached.

    Args:
        dataset: what the catalogue says.
        shown: what the portal shows.
        now: present instant, UTC.
        published: editions that the publisher's pages show, and those that are listed.
    """
    if shown.state == "absent":
        is_expected = dataset.withdrawn
        return () if is_expected else (Difference("address", f"it is at {dataset.info.name}", "does not have it"),)
    if shown.state != "answers":
        return ()
    return (*_editions(dataset, shown, now, published), *_found(dataset, shown, now))


def _editions(dataset: Dataset, shown: Shown, now: datetime, published: Sequence[Edition]) -> Iterator[Difference]:
    listed = {each.key: each for each in dataset.editions}
    for edition in published or dataset.editions:
        known = listed.get(edition.key)
        if not shown.editions[edition.key]:
            yield Difference("edition", f"edition {edition.key} is there", "does not have it")
        elif known is None:
            yield Difference("edition", f"nothing of edition {edition.key}", f"has it, at {edition.path}")
        elif edition.path != known.path:
            yield Difference("edition", f"edition {edition.key} is at {known.path}", f"has it at {edition.path}")
    late = overdue(dataset, [key for key, is_there in shown.editions.items() if is_there], now)
    if late is not None:
        yield Difference("edition", "editions come out on time", f"is late: {late}")


def _found(dataset: Dataset, shown: Shown, now: datetime) -> Iterator[Difference]:
    if dataset.withdrawn:
        yield Difference("address", "the publisher has withdrawn it", "has it")
    if shown.title is not None and slug(shown.title) != slug(dataset.title):
        yield Difference("title", repr(dataset.title), f"says {shown.title!r}")
    if shown.licence is not None and not same_licence(shown.licence, dataset.licence):
        yield Difference("licence", dataset.licence, f"says {shown.licence}")
    yield from _columns(dataset, shown)
    if shown.unreadable is not None:
        yield Difference("values", "its rows can be read", f"shows: {shown.unreadable}")
    if shown.rows == 0:
        yield Difference("rows", "it has rows", "has none")
    yield from _times(dataset, shown, now)


def _columns(dataset: Dataset, shown: Shown) -> Iterator[Difference]:
    raw = shown.raw
    if raw is None and shown.columns:
        raw = RawFile(path=_NOWHERE, format="json", header=tuple(each.name for each in shown.columns))
    if raw is None:
        return
    missing, new = missing_columns(dataset, raw), list(unknown_headers(dataset, raw))
    labels = {each.name: each.label for each in shown.columns}
    for column in missing:
        renamed = next((each for each in new if _is_the_same(column, labels.get(each, each))), None)
        if renamed is None:
            yield Difference("column", f"{column.name!r} is published", "does not have it")
        else:
            new.remove(renamed)
            yield Difference("column", f"{column.name!r} is published", f"calls it {renamed!r}")
    for name in new:
        yield Difference("column", "nothing of it", f"has the column {name!r}")
    for each in shown.columns:
        known = next((column for column in dataset.columns if slug(each.name) in column.header_slugs), None)
        if known is not None and each.type in _DECLARED and not _is_the_type(each.type, known.portal_type):
            yield Difference("type", f"{known.name!r} is declared {known.portal_type}", f"declares {each.type}")


def _is_the_same(column: Column, label: str) -> bool:
    """Return whether a column that is called otherwise has a label that is known."""
    return slug(label) in column.header_slugs


def _is_the_type(one: str, other: str) -> bool:
    return one == other or {one, other} <= _NUMBERS


def _times(dataset: Dataset, shown: Shown, now: datetime) -> Iterator[Difference]:
    if shown.first is None or shown.last is None:
        return
    first, last = day_of(shown.first), day_of(shown.last)
    start = dataset.history_start
    if first < (date(start.year, 1, 1) if len(shown.first) == len("2024") else start):
        yield Difference("history", f"it begins on {start}", f"has rows of {shown.first}")
    elif first.year > start.year and not (dataset.keep_vanished or dataset.horizon):  # those show a window
        yield Difference("history", f"it begins on {start}", f"begins on {shown.first}")
    if last > last_day(dataset, now):
        yield Difference("history", f"it ends on {last_day(dataset, now)} at the latest", f"has rows of {shown.last}")
    if dataset.history_end is not None and last > dataset.history_end:
        yield Difference("history", f"it ended on {dataset.history_end}", f"has rows of {shown.last}")
    elif (age := age_of(dataset, shown.last, now)).status == "fail":
        yield Difference("freshness", "it is kept up", f"shows its {age.text}")


def day_of(text: str) -> date:
    """Return the day in Paris of an instant; a day; the first day of a month or a year."""
    if len(text) > len("2024-01-01"):
        return datetime.fromisoformat(text).astimezone(PARIS).date()
    year, month, day = [*(int(each) for each in text.split("-")), 1, 1][:3]
    return date(year, month, day)
