"""The territories that the served file knows, and what became of the communes that ended."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from dataelec_assets.database import connect
from dataelec_assets.errors import FileRefused, LakeError

if TYPE_CHECKING:
    import duckdb

GRAINS = ("commune", "epci", "departement", "region", "metropole", "nation")

_NEEDED = {"dim_commune", "dim_epci", "dim_departement", "dim_region"}


@dataclass(frozen=True, slots=True)
class Ended:
    """A commune that is no more.

    Attributes:
        name: its last one.
        successor: the commune that has its territory today; None when it was divided, or nothing tells.
    """

    name: str
    successor: str | None


@dataclass(frozen=True, slots=True)
class Places:
    """The territories of today.

    Attributes:
        names: by grain, then by code.
        ended: communes of the past, by code.
        parents: territories that contain one, by grain and code.
        districts: municipal districts of Paris, Lyon and Marseille, with their city.
        vintage: edition of the geographic code; None when there is none.
    """

    names: Mapping[str, Mapping[str, str]]
    ended: Mapping[str, Ended] = field(default_factory=dict)
    parents: Mapping[tuple[str, str], tuple[tuple[str, str], ...]] = field(default_factory=dict)
    districts: Mapping[str, str] = field(default_factory=dict)
    vintage: int | None = None

    def nearest(self, grain: str, code: str) -> str | None:
        """Return the code of a grain that looks most like another one, with its name; None when none does."""
        known = self.names.get(grain, {})
        # All that begin alike: to compare with every commune would take a second for each mistake.
        alike = [each for each in known if each[:2] == code[:2]] or list(known)[:_COMPARED]
        found = difflib.get_close_matches(code, alike, n=1, cutoff=0.6)
        return f"{found[0]} ({known[found[0]]})" if found else None


_COMPARED = 2_000


def code_of(grain: str, code: str) -> str:
    """Return a code with the zeros that a spreadsheet dropped; as ``code_du_territoire`` of dbt does.

    >>> code_of("commune", "1001"), code_of("departement", "2a"), code_of("nation", "France")
    ('01001', '2A', 'FR')
    """
    code = re.sub(r"\s+", "", code).upper()
    if grain == "nation":
        return "FR"
    if grain == "metropole":
        return "FM"
    if grain == "commune" and re.fullmatch(r"97[1-6]\d{3}", code):
        return code[:2] + code[3:]
    widths = {"commune": 5, "departement": 2, "region": 2}
    return code.zfill(widths[grain]) if grain in widths and len(code) == widths[grain] - 1 else code


def read_places(served: Path) -> Places:
    """Return the territories of the served file.

    Raises:
        FileRefused: nothing is served, or it knows no territory: codes cannot be checked.
        LakeError: the file cannot be read.
    """
    import duckdb

    nothing = FileRefused(
        "Les codes des territoires ne peuvent pas être vérifiés : rien n'est encore servi.",
        advice="Lancez `dataelec refresh`, puis recommencez.",
    )
    if not served.exists():
        raise nothing
    try:
        with connect(served, read_only=True) as con:
            tables = {name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
            if not tables >= _NEEDED:
                raise nothing
            return _places(con)
    except duckdb.Error as error:
        raise LakeError(f"{served} cannot be read: {error}") from error


def _places(con: duckdb.DuckDBPyConnection) -> Places:
    communes = con.execute(
        "SELECT code_commune, coalesce(nom_commune, code_commune), est_active, type_commune, code_successeur, "
        "est_scindee, code_departement, code_region, code_epci, code_commune_parent, derniere_edition FROM dim_commune"
    ).fetchall()
    names: dict[str, dict[str, str]] = {"metropole": {"FM": "France métropolitaine"}, "nation": {"FR": "France"}}
    ended, districts = dict[str, Ended](), dict[str, str]()
    parents: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}
    names["commune"] = {}
    for code, name, is_active, kind, successor, is_divided, departement, region, epci, city, _ in communes:
        if is_active:
            names["commune"][code] = name
            above = (("epci", epci), ("departement", departement), ("region", region), ("nation", "FR"))
            parents["commune", code] = tuple((grain, each) for grain, each in above if each is not None)
        elif kind == "ARM":
            districts[code] = city or ""
        else:
            ended[code] = Ended(name, None if is_divided else successor)
    for grain in ("epci", "departement", "region"):
        names[grain] = dict(con.execute(f"SELECT code_{grain}, coalesce(nom_{grain}, '') FROM dim_{grain}").fetchall())
    for code, region in con.execute("SELECT code_departement, code_region FROM dim_departement").fetchall():
        parents["departement", code] = (("region", region), ("nation", "FR"))
    parents |= {("region", code): (("nation", "FR"),) for code in names["region"]}
    return Places(names, ended, parents, districts, max((each[-1] for each in communes if each[-1]), default=None))
