"""The labels ``date`` and ``heure`` of collected éCO2mix rows, whose script kept the instant only.

On every other day the label is the Paris wall time of the instant. On the spring switch RTE prints 96 labels for 92
quarter-hours: the labels 02:00 to 02:45, which no clock shows, carry the instants of 03:00 to 03:45, so each of these
instants comes twice. Which row is which is decided by the measures: in all 24 snapshots of 2026-03-29 that hold
measures, national and each of twelve regions, exactly one row of a pair repeats the row of **one hour earlier**, value
for value. That copy is the fictitious 02:xx; the other is the true 03:xx. (Order in the file decides nothing: the copy
comes first in some pairs, second in others.)

- A pair of equal rows (blank rows published before the day) gets one label each: the portal does hold two rows.
- More rows than two, or equal rows beside a different one, are repetitions of bad paging: equal rows count once.
- An instant that comes once keeps its wall time, 03:xx: the other row was lost by the paging, not invented here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any

import duckdb

from dataelec_assets.catalog import slug
from dataelec_assets.catalog.regions import METROPOLITAN_REGIONS
from dataelec_assets.portals.folder.fields import literal, quoted

_LOCAL = "((date_heure AT TIME ZONE 'UTC') AT TIME ZONE 'Europe/Paris')"
_LOCAL_BEFORE = "(((date_heure - INTERVAL 1 HOUR) AT TIME ZONE 'UTC') AT TIME ZONE 'Europe/Paris')"

# The hour after the gap: wall time advanced by two hours in one.
_AFTER_THE_GAP = f"{_LOCAL} - {_LOCAL_BEFORE} = INTERVAL 2 HOUR"


def restore_labels(
    con: duckdb.DuckDBPyConnection,
    table: str,
    *,
    files: Sequence[int],
    territory: str | None,
    measures: Sequence[str],
    date_format: str,
) -> None:
    """Fill ``date`` and ``heure`` of the rows of ``files`` in ``table`` from ``date_heure``.

    Args:
        con: connection that owns ``table``.
        table: typed rows, with ``_file``, ``_pos`` and ``date_heure`` (UTC without zone).
        files: numbers of the files without labels.
        territory: column that tells the series of one instant apart, if any.
        measures: columns compared with the row of one hour earlier.
        date_format: strftime format of ``date``.
    """
    selected = f"_file IN ({', '.join(map(str, files))})"
    con.execute(
        f"UPDATE {table} SET heure = strftime({_LOCAL}, '%H:%M'), date = strftime({_LOCAL}, {literal(date_format)}) "
        f"WHERE {selected}"
    )
    series = quoted(territory) if territory else "NULL"
    columns = ", ".join(quoted(name) for name in measures)
    rows = con.execute(
        f"SELECT _file, {series}, date_heure, _pos, {columns} FROM {table} WHERE {selected} "
        f"AND ({_AFTER_THE_GAP} OR {_AFTER_THE_GAP.replace('date_heure', '(date_heure + INTERVAL 1 HOUR)')}) "
        "ORDER BY _file, 2, date_heure, _pos"
    ).fetchall()
    fictitious, repeated = _sort_out(rows)
    if fictitious:
        con.executemany(f"UPDATE {table} SET heure = '02' || right(heure, 3) WHERE _file = ? AND _pos = ?", fictitious)
    if repeated:
        con.executemany(f"DELETE FROM {table} WHERE _file = ? AND _pos = ?", repeated)


def restore_instants(con: duckdb.DuckDBPyConnection, table: str, *, files: Sequence[int], date_format: str) -> None:
    """Fill ``date_heure`` (UTC without zone) of the rows of ``files`` from ``date`` and ``heure``, Paris wall time.

    As the published sets do, which print both (70,128 rows of 2016 to 2019, eight changes of the clock, without one
    exception): the labels of the hour that spring leaves out carry the instants of the next one, and those of the hour
    that comes twice in autumn carry its second pass.
    """
    local = f"try_strptime(date || ' ' || heure, {literal(f'{date_format} %H:%M')})"
    con.execute(
        f"UPDATE {table} SET date_heure = timezone('UTC', timezone('Europe/Paris', {local})) "
        f"WHERE _file IN ({', '.join(map(str, files))})"
    )


# RTE shortens one name; the others are those of INSEE but for accents, case and hyphens.
_CODES = {**{slug(name): code for code, name in METROPOLITAN_REGIONS.items()}, "paca": "93"}


def restore_territories(
    con: duckdb.DuckDBPyConnection, table: str, *, files: Sequence[int], code: str, label: str | None
) -> None:
    """Fill code and name of the region of the rows of ``files`` from ``perimetre``; an unknown name stays null.

    Args:
        con: connection that owns ``table``.
        table: typed rows, with ``_file`` and ``perimetre``.
        files: numbers of the files without a code.
        code: column of the code.
        label: column of the name; None: there is none.
    """
    places = f"_file IN ({', '.join(map(str, files))})"
    names = con.execute(f"SELECT DISTINCT perimetre FROM {table} WHERE {places}").fetchall()
    for (name,) in names:
        if (found := _CODES.get(slug(name or ""))) is not None:
            also = f", {quoted(label)} = {literal(METROPOLITAN_REGIONS[found])}" if label else ""
            con.execute(
                f"UPDATE {table} SET {quoted(code)} = {literal(found)}{also} WHERE {places} AND perimetre = ?", [name]
            )


# European clocks all change at 01:00 UTC; the rows of the hour before are only there to be compared with.
_GAP_HOUR_UTC = 1

_Row = tuple[Any, ...]
_Place = tuple[int, int]


def _sort_out(rows: Sequence[_Row]) -> tuple[list[_Place], list[_Place]]:
    """Return the places (file, position) of the fictitious rows and of the repetitions."""
    groups: dict[tuple[Any, ...], list[_Row]] = defaultdict(list)
    for row in rows:
        groups[row[:3]].append(row)
    fictitious: list[_Place] = []
    repeated: list[_Place] = []
    for (file, series, instant), group in groups.items():
        hour_before = groups.get((file, series, instant - timedelta(hours=1)))
        if len(group) == 1 or instant.hour != _GAP_HOUR_UTC:
            continue
        distinct = list({row[4:]: row for row in reversed(group)}.values())[::-1]
        kept = distinct if len(distinct) > 1 else group[:2]
        copy = kept[0] if hour_before is None else min(kept, key=partial(_distance, hour_before[0]))
        fictitious.append((copy[0], copy[3]))
        repeated.extend((row[0], row[3]) for row in group if row not in kept)
    return fictitious, repeated


def _distance(before: _Row, row: _Row) -> tuple[int, float]:
    """Return how many measures differ, then by how much in all; a null differs from any value."""
    pairs = list(zip(row[4:], before[4:], strict=True))
    numbers = [(_number(mine), _number(theirs)) for mine, theirs in pairs]
    gaps = [abs(mine - theirs) for mine, theirs in numbers if mine is not None and theirs is not None]
    return sum(mine != theirs for mine, theirs in pairs), sum(gaps)


def _number(value: object) -> float | None:
    try:
        return None if value is None else float(str(value))
    except ValueError:
        return None
