"""Territories as one list with their parents, made in memory from the dimensions when a publication is opened.

A commune belongs to its département, a département to its région, a région to the nation. An EPCI may lie in several
départements: its parent is the one with most of its communes, and among equals the first by code.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

import duckdb

from dataelec_assets.serving.api.schema import Column, Kind, Table

GRAINS = ("nation", "region", "departement", "epci", "commune")

RELATION = "memory.main.territoires"

COLUMNS = (
    Column("maille", Kind.TEXT, None, "nation, region, departement, epci ou commune."),
    Column("code_territoire", Kind.TEXT, None, "Code INSEE, SIREN pour un EPCI, FR pour la nation."),
    Column("nom", Kind.TEXT, None, "Nom du territoire."),
    Column("maille_parent", Kind.TEXT, None, "Maille du territoire qui le contient."),
    Column("code_parent", Kind.TEXT, None, "Code du territoire qui le contient."),
    Column("code_departement", Kind.TEXT, None, "Département ; pour un EPCI, celui de la plupart de ses communes."),
    Column("code_region", Kind.TEXT, None, "Région ; pour un EPCI, celle de la plupart de ses communes."),
    Column("code_epci", Kind.TEXT, None, "EPCI d'une commune."),
    Column("population_hab", Kind.INTEGER, "hab", "Population municipale la plus récente."),
)

# To somebody who types a name, spaces, hyphens and apostrophes are the same.
NORMALISED = "regexp_replace(lower(strip_accents({0})), '[^a-z0-9]+', ' ', 'g')"


def normalised(text: str) -> str:
    """Return a name as it is searched: without accents, case and punctuation, as the list has it."""
    plain = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    return re.sub(r"[^a-z0-9]+", " ", plain.lower()).strip()


_MEMBERS = """
    SELECT code_epci, code_departement, code_region FROM (
        SELECT code_epci, code_departement, min(code_region) AS code_region, count(*) AS communes
        FROM publication.main.dim_commune WHERE est_active AND code_epci IS NOT NULL GROUP BY ALL
    ) QUALIFY row_number() OVER (PARTITION BY code_epci ORDER BY communes DESC, code_departement) = 1
"""

# The table that each grain needs, and its rows in the order of COLUMNS, without the population.
_PARTS = {
    "dim_region": (
        "SELECT 'region', code_region, nom_region, 'nation', 'FR', NULL, code_region, NULL "
        "FROM publication.main.dim_region"
    ),
    "dim_departement": (
        "SELECT 'departement', code_departement, nom_departement, 'region', code_region, code_departement, "
        "code_region, NULL FROM publication.main.dim_departement"
    ),
    "dim_epci": (
        "SELECT 'epci', e.code_epci, e.nom_epci, CASE WHEN m.code_departement IS NULL THEN 'nation' ELSE "
        "'departement' END, coalesce(m.code_departement, 'FR'), m.code_departement, m.code_region, NULL "
        "FROM publication.main.dim_epci AS e LEFT JOIN membres AS m USING (code_epci)"
    ),
    "dim_commune": (
        "SELECT 'commune', code_commune, nom_commune, CASE WHEN code_departement IS NULL THEN 'nation' ELSE "
        "'departement' END, coalesce(code_departement, 'FR'), code_departement, code_region, code_epci "
        "FROM publication.main.dim_commune WHERE est_active"
    ),
}

_NO_MEMBERS = "SELECT NULL::VARCHAR AS code_epci, NULL::VARCHAR AS code_departement, NULL::VARCHAR AS code_region"

_POPULATION = """
    SELECT maille, code_territoire, max_by(population_municipale_hab, annee) AS population_hab
    FROM publication.main.fct_population GROUP BY ALL
"""

_NO_POPULATION = "SELECT NULL::VARCHAR AS maille, NULL::VARCHAR AS code_territoire, NULL::BIGINT AS population_hab"


def create_territories(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Table]) -> None:
    """Make the list in the in-memory database, from those dimensions that the publication holds."""
    parts = ["SELECT 'nation', 'FR', 'France', NULL, NULL, NULL, NULL, NULL"]
    parts += [sql for name, sql in _PARTS.items() if name in tables]
    names = ", ".join(column.name for column in COLUMNS[:-1])
    connection.execute(
        f"""
        CREATE TABLE {RELATION} AS
        WITH membres AS ({_MEMBERS if "dim_commune" in tables else _NO_MEMBERS}),
        habitants AS ({_POPULATION if "fct_population" in tables else _NO_POPULATION}),
        tous({names}) AS ({" UNION ALL ".join(parts)})
        SELECT t.*, h.population_hab, {NORMALISED.format("t.nom")} AS nom_normalise
        FROM tous AS t LEFT JOIN habitants AS h USING (maille, code_territoire)
        ORDER BY list_position({list(GRAINS)}, t.maille), t.code_territoire
        """
    )


def grains_by_code(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, ...]]:
    """Return the grains at which each code is a territory: 24 is a région and a département."""
    rows = connection.execute(f"SELECT code_territoire, list(maille) FROM {RELATION} GROUP BY ALL").fetchall()
    return {code: tuple(grains) for code, grains in rows}
