"""Lines of an imported file, and the territories that they are checked against."""

from __future__ import annotations

from pathlib import Path

import duckdb

from dataelec_assets.ingest.imports.checks import examine
from dataelec_assets.ingest.imports.columns import layout_of
from dataelec_assets.ingest.imports.findings import Examined
from dataelec_assets.ingest.imports.lines import Lines, read_lines
from dataelec_assets.ingest.imports.places import Ended, Places
from dataelec_assets.ingest.imports.template import HEADERS
from tests.serving.served import create_tables

HEADER = ";".join(HEADERS)

# In the order of the headers; a test changes some.
CELLS = {
    "code": "33063",
    "maille": "commune",
    "indicateur": "arbres",
    "libellé": "Arbres plantés",
    "unité": "arbres",
    "nature": "effectif",
    "année": "2024",
    "valeur": "12",
    "source": "Espaces verts",
}

GIRONDE = (("departement", "33"), ("region", "75"), ("nation", "FR"))

PLACES = Places(
    names={
        "commune": {"01001": "Abergement", "33063": "Bordeaux", "33281": "Mérignac", "33318": "Pessac"},
        "epci": {"243300316": "Bordeaux Métropole"},
        "departement": {"01": "Ain", "33": "Gironde"},
        "region": {"75": "Nouvelle-Aquitaine"},
        "metropole": {"FM": "France métropolitaine"},
        "nation": {"FR": "France"},
    },
    ended={"33009": Ended("Ambarès", "33281"), "33010": Ended("Coupée", None)},
    parents={("commune", code): GIRONDE for code in ("33063", "33281", "33318")},
    districts={"75101": "75056"},
    vintage=2026,
)


def line(**cells: str) -> str:
    """Return a line of a file."""
    return ";".join({**CELLS, **cells}.values())


def written(folder: Path, *lines: str, header: str = HEADER) -> Path:
    """Return a file of these lines."""
    path = folder / "fichier.csv"
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def lines_of(folder: Path, *lines: str, header: str = HEADER) -> Lines:
    """Return these lines, read from a file."""
    return read_lines(written(folder, *lines, header=header))


def examined(folder: Path, *lines: str, header: str = HEADER) -> Examined:
    """Return what is found in a file of these lines."""
    read = lines_of(folder, *lines, header=header)
    return examine(read, layout_of("fichier.csv", read, ()), PLACES, "moi", 2026)


def write_places(path: Path) -> None:
    """Write a served file that knows a few territories."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(path)) as con:
        create_tables(con)
        con.execute(
            "INSERT INTO dim_commune BY NAME SELECT * FROM (VALUES "
            "('33063', 'Bordeaux', 'COM', true, '33', '75', '243300316', NULL, NULL, false, 2026), "
            "('33281', 'Mérignac', 'COM', true, '33', '75', NULL, NULL, NULL, false, 2026), "
            "('33009', 'Ambarès', 'COMD', false, '33', '75', NULL, NULL, '33281', false, 2022), "
            "('33010', 'Coupée', 'COM', false, '33', '75', NULL, NULL, '33281', true, 2022), "
            "('75101', 'Paris 1er', 'ARM', false, '75', '11', NULL, '75056', NULL, false, 2026)"
            ") AS rows (code_commune, nom_commune, type_commune, est_active, code_departement, code_region, code_epci, "
            "code_commune_parent, code_successeur, est_scindee, derniere_edition)"
        )
        con.execute("INSERT INTO dim_epci BY NAME SELECT '243300316' AS code_epci, 'Bordeaux Métropole' AS nom_epci")
        con.execute(
            "INSERT INTO dim_departement BY NAME SELECT '33' AS code_departement, 'Gironde' AS nom_departement, "
            "'75' AS code_region"
        )
        con.execute("INSERT INTO dim_region BY NAME SELECT '75' AS code_region, 'Nouvelle-Aquitaine' AS nom_region")
