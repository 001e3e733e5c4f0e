"""Names beside codes: who reads a row need not know that 33 is the Gironde.

The names lie in memory, in one relation with a row per kind and code; an answer joins its rows to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from dataelec_assets.serving.api.schema import Column, Kind, Table
from dataelec_assets.serving.api.territories import RELATION as TERRITORIES

RELATION = "memory.main.noms"

# Column of a code: its name's column, and either what the code is of or the column that says it.
_BESIDE: dict[str, tuple[str, str, str]] = {
    "code_territoire": ("nom_territoire", "", "maille"),
    "code_parent": ("nom_parent", "", "maille_parent"),
    "territoire": ("nom_territoire", "region_ou_nation", ""),
    "code_region": ("nom_region", "region", ""),
    "code_departement": ("nom_departement", "departement", ""),
    "code_epci": ("nom_epci", "epci", ""),
    "code_commune": ("nom_commune", "commune", ""),
    "code_arrondissement": ("nom_arrondissement", "arrondissement", ""),
    "code_secteur": ("nom_secteur", "secteur", ""),
    "code_indicateur": ("libelle", "indicateur", ""),
}

# The table that each kind of name needs, with columns code and name.
_PARTS = {
    "arrondissement": (
        "dim_commune",
        (
            "SELECT 'arrondissement', code_commune, nom_commune FROM publication.main.dim_commune "
            "WHERE type_commune = 'ARM'"
        ),
    ),
    "secteur": ("dim_secteur", "SELECT 'secteur', code_secteur, nom_secteur FROM publication.main.dim_secteur"),
    "indicateur": (
        "dim_indicateur",
        "SELECT 'indicateur', code_indicateur, libelle FROM publication.main.dim_indicateur",
    ),
}


@dataclass(frozen=True, slots=True)
class Named:
    """A name that stands beside a code.

    Attributes:
        column: of the name.
        code: of the code.
        kind: what the codes are of; empty where ``kind_column`` says it for each row.
    """

    column: Column
    code: Column
    kind: str
    kind_column: Column | None = None

    def join(self, number: int) -> str:
        """Return the join to the relation ``lignes``; ``number`` keeps several of them apart."""
        kind, code = f"_sorte_{number}", f"_code_{number}"
        names = f"SELECT sorte AS {kind}, code AS {code}, nom AS {self.column.sql} FROM {RELATION}"
        if self.kind_column is None:
            return f"LEFT JOIN ({names} WHERE sorte = '{self.kind}') ON {code} = lignes.{self.code.sql}"
        return f"LEFT JOIN ({names}) ON {kind} = lignes.{self.kind_column.sql} AND {code} = lignes.{self.code.sql}"


def names_of(columns: Sequence[Column]) -> tuple[Named, ...]:
    """Return the names that rows with these columns can have and do not have yet."""
    known = {column.name: column for column in columns}
    found: dict[str, Named] = {}
    for code, (name, kind, kind_column) in _BESIDE.items():
        if code not in known or name in known or name in found or (kind_column and kind_column not in known):
            continue
        found[name] = Named(
            Column(name, Kind.TEXT, None, f"Nom de {code}."), known[code], kind, known.get(kind_column or "")
        )
    return tuple(found.values())


def named_columns(columns: Sequence[Column], named: Sequence[Named]) -> tuple[Column, ...]:
    """Return the columns of an answer, each name right after its code."""
    beside = {each.code.name: each.column for each in named}
    return tuple(column for each in columns for column in (each, beside.get(each.name)) if column is not None)


def create_names(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Table]) -> None:
    """Make the relation from the list of territories and from those tables that the publication holds."""
    parts = [
        f"SELECT maille, code_territoire, nom FROM {TERRITORIES}",
        f"SELECT 'region_ou_nation', code_territoire, nom FROM {TERRITORIES} WHERE maille IN ('region', 'nation')",
    ]
    parts += [sql for table, sql in _PARTS.values() if table in tables]
    connection.execute(
        f"""
        CREATE TABLE {RELATION} AS
        SELECT sorte, code, any_value(nom) AS nom FROM ({" UNION ALL ".join(parts)}) AS t(sorte, code, nom)
        GROUP BY ALL ORDER BY ALL
        """
    )


def codes_of(connection: duckdb.DuckDBPyConnection, kind: str) -> frozenset[str]:
    """Return the codes that have a name of this kind."""
    rows = connection.execute(f"SELECT code FROM {RELATION} WHERE sorte = ?", [kind]).fetchall()
    return frozenset(code for (code,) in rows)
