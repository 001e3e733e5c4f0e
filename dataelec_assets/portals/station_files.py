"""Météo-France's hourly files: what their names say, and the cut of one into the rows that are used, month by month."""

from __future__ import annotations

import math
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from dataelec_assets.catalog import Dataset
from dataelec_assets.catalog.chief_towns import CHIEF_TOWNS, DEPARTMENTS
from dataelec_assets.errors import ContractViolation
from dataelec_assets.limits import LONGEST_LINE
from dataelec_assets.portals.partition_filters import PARIS
from dataelec_assets.portals.streams import BrokenBody, TooLarge, refuse_what_is_not_csv

# The airports that serve the chief towns have stations; Marseille's is the farthest, at 20 km.
FARTHEST_KM = 25.0

COLUMNS = (
    *("code_region", "num_poste", "nom_usuel", "lat", "lon", "alti", "distance_km", "instant"),
    *("t", "qt", "rr1", "qrr1", "ff", "qff"),
)

# The columns that are read, in the order of those above.
_READ = ("NUM_POSTE", "NOM_USUEL", "LAT", "LON", "ALTI", "AAAAMMJJHH", "T", "QT", "RR1", "QRR1", "FF", "QFF")

# Lines that are held before they are written: some hundred kilobytes.
_HELD = 5_000


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Whole years (UTC) that a file covers."""

    first: int
    last: int
    kind: str = ""

    @property
    def text(self) -> str:
        """As it stands in the name of a file."""
        return f"{self.kind}{self.first}-{self.last}"


@dataclass(frozen=True, slots=True, order=True)
class StationFile:
    """The file of a département and a span."""

    department: str
    span: Span

    @property
    def name(self) -> str:
        """Its name, without a suffix."""
        return f"H_{self.department}_{self.span.text}"


def spans(newest: int, first: int) -> list[Span]:
    """Return the spans that cover the years from ``first`` to ``newest``, the last that is there."""
    begin = (newest - 2) // 10 * 10
    found = [Span(newest - 1, newest, "latest-"), Span(begin, newest - 2, "previous-")]
    while begin > first:
        begin -= 10
        found.append(Span(begin, begin + 9))
    return [each for each in found if each.last >= first]


def cut(
    dataset: Dataset, file: StationFile, chunks: Iterator[bytes], folder: Path, on_bytes: Callable[[int], None]
) -> None:
    """Write the rows of the stations around the chief town, one file for each month.

    Args:
        dataset: for messages, and for its months.
        file: which département.
        chunks: the plain bytes.
        folder: of the months; what is there goes.
        on_bytes: called with the number of plain bytes of each piece.

    Raises:
        ContractViolation: a column is missing.
        BrokenBody: the body is empty, or a line has another number of fields than the header.
        ValueError: a place or an hour cannot be read.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lines = _lines(_counted(chunks, on_bytes))
    header = next(lines, b"")
    refuse_what_is_not_csv(header, iter(()), "")
    names = header.decode("latin-1").removeprefix("\ufeff").strip().split(";")
    if missing := [each for each in _READ if each not in names]:
        raise ContractViolation(f"{file.name} lacks {', '.join(missing)}.", dataset_id=dataset.id, column=missing[0])
    at = [names.index(each) for each in _READ]
    # Most columns lie behind those that are read: they are counted and not split.
    separators, behind = len(names) - 1, max(at) + 1
    code = next(region for region, department in DEPARTMENTS.items() if department == file.department)
    # Of each station: what its rows begin with; None where it is too far.
    stations: dict[bytes, bytes | None] = {}
    held: defaultdict[str, list[bytes]] = defaultdict(list)
    number = 0
    for line in lines:
        station = line[: line.find(b";")]
        begin = stations.get(station, b"")
        if begin is None or not line.strip():
            continue
        if (found := line.count(b";")) != separators:
            raise BrokenBody(f"a line of {file.name} has {found + 1} fields, its header {len(names)}")
        fields = line.split(b";", behind)
        if not begin:
            begin = stations[station] = _station(code, [fields[each] for each in at[:5]])
            if begin is None:
                continue
        instant, month = _hour_of(fields[at[5]])
        measures = [fields[each].strip() for each in at[6:]]
        if measures[0] and first_year(dataset) <= instant[:4]:
            held[month].append(b";".join((begin, instant, *measures)))
            number += 1
            if number % _HELD == 0:
                _write(folder, held)
    _write(folder, held)


def first_year(dataset: Dataset) -> bytes:
    """Return the year in which the history begins, or that before: January begins an hour early in UTC."""
    return b"%d" % (dataset.history_start.year - 1)


def _station(code: str, fields: list[bytes]) -> bytes | None:
    """Return what the rows of a station begin with; None for one that is too far from the chief town."""
    number, name, latitude, longitude, altitude = (each.decode("latin-1").strip() for each in fields)
    distance = _distance_km(code, float(latitude), float(longitude))
    if distance > FARTHEST_KM:
        return None
    row = (code, number.zfill(8), name.replace(";", " ").replace('"', ""), latitude, longitude, altitude)
    return ";".join((*row, f"{distance:.1f}")).encode()


def _distance_km(code: str, latitude: float, longitude: float) -> float:
    """Return the distance from the chief town of a region along the sphere."""
    _, north, east = CHIEF_TOWNS[code]
    a, b = math.radians(latitude), math.radians(north)
    half = math.sin((a - b) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(longitude - east) / 2) ** 2
    return 2 * 6371.0 * math.asin(math.sqrt(half))


@cache
def _hour_of(stamp: bytes) -> tuple[bytes, str]:
    """Return an hour as the lake writes it, and its month in Paris."""
    instant = datetime.strptime(stamp.decode().strip(), "%Y%m%d%H").replace(tzinfo=UTC)
    return instant.isoformat().encode(), f"{instant.astimezone(PARIS):%Y-%m}"


def _counted(chunks: Iterable[bytes], on_bytes: Callable[[int], None]) -> Iterator[bytes]:
    for chunk in chunks:
        on_bytes(len(chunk))
        yield chunk


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > LONGEST_LINE:
            raise TooLarge(f"a line is longer than {LONGEST_LINE:,} bytes")
        yield from lines
    if rest:
        yield rest


def _write(folder: Path, held: defaultdict[str, list[bytes]]) -> None:
    for month, rows in held.items():
        with (folder / month).open("ab") as file:
            file.write(b"\n".join(rows) + b"\n")
    held.clear()
