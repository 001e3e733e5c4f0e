"""Public and school holidays from Python packages, as Parquet files that dbt reads beside the portals' copies.

No portal publishes them for the whole history. They depend on the installed packages alone, never on the clock, and
their signature is that of their content: a new version of a package with the same holidays changes nothing.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from dataelec_assets.lake.atomic_files import move_into_place, read_json, temporary_path, write_json
from dataelec_assets.lake.parts import part_name, sweep_parts
from dataelec_assets.lake.paths import LakePaths
from dataelec_assets.lake.write_through import is_kept

# Stands for the two files wherever data sets are named by their id.
CALENDAR = "calendrier"
PARTITION = "all"
TABLES = ("jours_feries", "vacances_scolaires")

_PACKAGES = ("holidays", "vacances-scolaires-france")

# dim_date covers 2005 to 2035; whether a day is a bridge also depends on its neighbours.
_YEARS = range(2004, 2037)
# The first whole school year in it, without the end of the summer before.
_FIRST_SCHOOL_DAY = date(2004, 10, 1)

# The law of Alsace and Moselle is the same in the three départements; the package calls it 57.
_ALSACE_MOSELLE = "57"

# Raise it when the rows below are computed differently.
_FORM = 1

Row = tuple[date, str, str]


class CalendarLake:
    """The calendar files of a lake: ``calendrier/<table>/part-….parquet``."""

    def __init__(self, paths: LakePaths) -> None:
        self.paths = paths

    def file(self, table: str) -> Path:
        """Return the file of a table that the index names.

        Raises:
            KeyError: there is no index: :meth:`ensure_current` has never run.
        """
        return self._part(table, self._named()["content"])

    def _part(self, table: str, content: str) -> Path:
        return self.paths.parquet / CALENDAR / table / part_name(content)

    def _index(self) -> Path:
        return self.paths.parquet / CALENDAR / "index.json"

    def signature(self) -> str:
        """Return a signature of the content of the files, which differs when they must be written again."""
        known, installed = self._known(), _installed()
        return str(known["content"]) if known.get("made_by") == installed else f"to be made by {installed}"

    def _named(self) -> dict[str, Any]:
        path = self._index()
        known: dict[str, Any] = read_json(path) if path.exists() else {}
        return known

    def _known(self) -> dict[str, Any]:
        known = self._named()
        return known if known and all(is_kept(self._part(table, known["content"])) for table in TABLES) else {}

    def ensure_current(self) -> None:
        """Make sure that the files hold what the installed packages say."""
        installed = _installed()
        if self._known().get("made_by") == installed:
            return
        content = {"jours_feries": public_holidays(), "vacances_scolaires": school_holidays()}
        digest = hashlib.sha256(repr(content).encode()).hexdigest()
        for table, rows in content.items():
            self._write(table, self._part(table, digest), rows)
        write_json(self.paths, self._index(), {"made_by": installed, "content": digest})
        for table in TABLES:
            sweep_parts(self._part(table, digest))

    def _write(self, table: str, target: Path, rows: list[Row]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        third = "perimetre" if table == "jours_feries" else "zone_scolaire"
        schema = pa.schema([("date", pa.date32()), ("nom", pa.string()), (third, pa.string())])
        content = [{"date": day, "nom": name, third: where} for day, name, where in rows]
        draft = temporary_path(self.paths, ".parquet")
        pq.write_table(pa.Table.from_pylist(content, schema=schema), draft, compression="zstd")
        move_into_place(draft, target)


def _installed() -> str:
    """Return the versions of the packages and of this module's own computation."""
    return ", ".join([f"form {_FORM}", *(f"{name} {version(name)}" for name in _PACKAGES)])


def public_holidays() -> list[Row]:
    """Return day, name and area of each public holiday: ``France``, or ``Alsace-Moselle`` for its additional ones."""
    import holidays

    # In French whatever the locale; where two fall on one day (2008-05-01) the package joins their names.
    everywhere = holidays.country_holidays("FR", years=_YEARS, language="fr")
    in_the_east = holidays.country_holidays("FR", subdiv=_ALSACE_MOSELLE, years=_YEARS, language="fr")
    rows = [(day, name, "France") for day, name in everywhere.items()]
    rows += [(day, name, "Alsace-Moselle") for day, name in in_the_east.items() if day not in everywhere]
    return sorted(rows)


def school_holidays() -> list[Row]:
    """Return each day without school with the name of the holiday and its zone, ``A``, ``B`` or ``C``."""
    return sorted(_school_holidays())


def _school_holidays() -> Iterator[Row]:
    # The package's class reads this file in the encoding of the locale, which breaks the accents of the names.
    text = (files("vacances_scolaires_france") / "data" / "data.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        day = date.fromisoformat(row["date"])
        zones = [zone for zone in "ABC" if row[f"vacances_zone_{zone.lower()}"] == "True"]
        if day >= _FIRST_SCHOOL_DAY:
            yield from ((day, row["nom_vacances"], zone) for zone in zones)
