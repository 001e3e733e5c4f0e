"""The data files of the communes' page: one for each code prefix, ``communes/33.js``, read by a script tag."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from dataelec_assets.serving.report.reading import Row, Served, Unavailable
from dataelec_assets.serving.report.territories.headlines import Breaks, Series
from dataelec_assets.serving.report.territories.places import OVERSEAS, Place, file_of
from dataelec_assets.serving.report.territories.readings import Known, Reading, in_year, wanted_rows
from dataelec_assets.serving.report.territories.typology import Types

FOLDER = "communes"
DEFINITIONS = "series.js"

# The data file of a row, as places.file_of has it.
_FILE = f"if(left(i.code_territoire, 2) in {OVERSEAS}, left(i.code_territoire, 3), left(i.code_territoire, 2))"

_ROWS = """
    from fct_indicateur as i
    inner join voulues as v on i.code_indicateur = v.code_indicateur and coalesce(i.sous_champ, '') = v.partie
    left join mart_indicateur_compare as c
        on i.code_indicateur = c.code_indicateur and c.maille = 'commune' and i.code_territoire = c.code_territoire
        and i.annee = c.annee and coalesce(i.sous_champ, '') = coalesce(c.sous_champ, '') {compared}
    where i.maille = 'commune' {wanted}
"""

# Both tables lie in the order of their territories: a range of codes reads little of them. All codes are below "~".
_WITHIN = "and {0}.code_territoire >= $file and {0}.code_territoire < $file || '~'"


def definitions(series: Sequence[Series], breaks: Breaks) -> list[dict[str, Any]]:
    """Return what the script needs to know of the series."""
    return [{**asdict(each), "key": each.key, "breaks": breaks.get(each.code, [])} for each in series]


def fingerprints(served: Served, series: Sequence[Series]) -> dict[str, tuple[int, int]]:
    """Return, by data file, the number of its rows and a digest of them: equal ones make equal files.

    Raises:
        Unavailable: the file has no value of a commune.
    """
    if not series:
        raise Unavailable("Aucun indicateur n’est décrit.")
    rows, parameters = wanted_rows(series)
    return {
        row["fichier"]: (row["lignes"], row["empreinte"])
        for row in served.rows(
            f"""
            with voulues(serie, code_indicateur, partie) as (values {rows})
            select {_FILE} as fichier, count(*) as lignes,
                bit_xor(hash(v.serie, i.code_territoire, i.annee, i.valeur, i.est_incomplet, i.motif, c.rang,
                    c.nombre_pairs)) as empreinte
            {_ROWS.format(compared="", wanted="")} group by 1 order by 1
            """,
            parameters,
        )
    }


def communes_by_file(communes: Iterator[Place]) -> dict[str, list[Place]]:
    """Return the communes by data file, in the order of their codes."""
    found: dict[str, list[Place]] = {}
    for each in sorted(communes, key=lambda each: each.code):
        found.setdefault(file_of(each.code), []).append(each)
    return found


def values_of(served: Served, series: Sequence[Series], file: str) -> dict[str, dict[int, Row]]:
    """Return the rows of the communes of a file by commune and number of the series.

    Each row has ``annees``, ``valeurs``, ``motifs``, ``partiels``, ``rangs`` and ``pairs``: lists in the order of the
    years.

    Raises:
        Unavailable: there is none.
    """
    rows, parameters = wanted_rows(series)
    found: dict[str, dict[int, Row]] = {}
    for row in served.rows(
        f"""
        with voulues(serie, code_indicateur, partie) as (values {rows})
        select i.code_territoire as code, v.serie, list(i.annee order by i.annee) as annees,
            list(i.valeur order by i.annee) as valeurs, list(i.motif order by i.annee) as motifs,
            list(i.est_incomplet order by i.annee) as partiels, list(c.rang order by i.annee) as rangs,
            list(c.nombre_pairs order by i.annee) as pairs
        {_ROWS.format(compared=_WITHIN.format("c"), wanted=_WITHIN.format("i"))} group by 1, 2 order by 1, 2
        """.replace("$file", f"'{file}'"),
        parameters,
    ):
        found.setdefault(row["code"], {})[row["serie"]] = row
    return found


def file_content(
    series: Sequence[Series],
    communes: Sequence[Place],
    values: Mapping[str, Mapping[int, Row]],
    beside: Mapping[str, tuple[Place, Known]],
    types: Types,
) -> dict[str, Any]:
    """Return the content of a data file.

    Args:
        series: what is shown.
        communes: of the file.
        values: rows by commune and series.
        beside: France, the département, its région and the EPCI, with their readings, by how the script calls them.
        types: of the communes.
    """
    last = [_last_year(at, values) for at in range(len(series))]
    first = [_first_year(at, values) if each.is_followed else None for at, each in enumerate(series)]
    records = _Records(series, first, last)
    made = {each.code: records.of(each, values.get(each.code, {}), types) for each in communes}
    return {
        "annees": last,
        "debuts": first,
        "pairs": records.peers,
        "motifs": list(records.reasons),
        "reperes": {
            name: [place.grain, place.code, place.name, place.href, _at_years(series, known, last)]
            for name, (place, known) in beside.items()
        },
        "types": _labels(types, communes),
        "communes": made,
    }


class _Records:
    """Makes the record of each commune, and gathers what the records refer to by number.

    A record is a list without names, since 35,000 of them repeat each name: name, EPCI, type, values, ranks, reasons
    for newest values that are null, series whose newest value is partial. The values of a series that is followed are
    a list, a value each year; those of another its newest.
    """

    def __init__(self, series: Sequence[Series], first: Sequence[int | None], last: Sequence[int | None]) -> None:
        self._series, self._first, self._last = series, first, last
        self.reasons: dict[str, int] = {}
        self.peers: list[int | None] = [None] * len(series)

    def of(self, commune: Place, rows: Mapping[int, Row], types: Types) -> list[Any]:
        """Return the record of a commune."""
        values: list[Any] = []
        ranks: list[int | None] = []
        silent: dict[int, int] = {}
        partial: list[int] = []
        for at, series in enumerate(self._series):
            by_year = _by_year(rows.get(at))
            begin, end = self._first[at], self._last[at]
            newest = None if end is None else by_year.get(end)
            if begin is not None and end is not None:
                told = [by_year[year].value if year in by_year else None for year in range(begin, end + 1)]
                values.append([_rounded(each, series.digits) for each in told])
            else:
                values.append(None if newest is None else _rounded(newest.value, series.digits))
            ranks.append(None if newest is None else newest.rank)
            if newest is None:
                continue
            if newest.value is None and newest.reason:
                silent[at] = self.reasons.setdefault(newest.reason, len(self.reasons))
            if newest.value is not None and newest.is_minimum:
                partial.append(at)
            self.peers[at] = newest.peers if newest.peers is not None else self.peers[at]
        kind = types.of(commune)
        number = None if kind is None else kind.number
        return [commune.name, commune.epci, number, values, ranks, silent, partial]


def _labels(types: Types, communes: Sequence[Place]) -> dict[int, str]:
    kinds = (types.of(each) for each in communes)
    return {kind.number: kind.label for kind in kinds if kind is not None and kind.number is not None}


def _at_years(series: Sequence[Series], known: Known, years: Sequence[int | None]) -> list[float | None]:
    found = [
        None if year is None else in_year(known.get(each.key, ()), year)
        for each, year in zip(series, years, strict=True)
    ]
    return [None if one is None else _rounded(one.value, each.digits) for each, one in zip(series, found, strict=True)]


def _rounded(value: float | None, digits: int) -> float | None:
    if value is None:
        return None
    return round(value, digits) if digits else round(value)


def _by_year(row: Row | None) -> dict[int, Reading]:
    if row is None:
        return {}
    columns = ("annees", "valeurs", "partiels", "motifs", "rangs", "pairs")
    return {
        year: Reading(year, value, bool(is_partial), reason or "", rank, peers)
        for year, value, is_partial, reason, rank, peers in zip(*(row[name] for name in columns), strict=True)
    }


def _known_years(at: int, values: Mapping[str, Mapping[int, Row]]) -> Iterator[int]:
    for rows in values.values():
        if at in rows:
            yield from (
                year for year, value in zip(rows[at]["annees"], rows[at]["valeurs"], strict=True) if value is not None
            )


def _last_year(at: int, values: Mapping[str, Mapping[int, Row]]) -> int | None:
    """Return the newest year in which a commune of the file has a value; without one, the newest with a row."""
    found = max(_known_years(at, values), default=None)
    if found is not None:
        return found
    return max((row for rows in values.values() if at in rows for row in rows[at]["annees"]), default=None)


def _first_year(at: int, values: Mapping[str, Mapping[int, Row]]) -> int | None:
    return min(_known_years(at, values), default=_last_year(at, values))
