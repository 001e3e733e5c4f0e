"""Yearly consumption by département, one column per sector, 2011 to 2019: the older wide form, no longer served."""

from __future__ import annotations

from collections.abc import Iterator

from dataelec_assets.catalog import Column, Dataset, Partitioning, of_code, of_file
from dataelec_assets.catalog.entries._ore import (
    CODE_DEPARTEMENT,
    CODE_REGION,
    FILIERE,
    HISTORY_START,
    OPERATEUR,
    YEARLY_LAG,
)

_SECTORS = {
    "a": "Agriculture",
    "i": "Industrie",
    "t": "Tertiaire",
    "r": "Résidentiel",
    "na": "Secteur Inconnu",
}


def _sector(suffix: str, sector: str) -> Iterator[Column]:
    of_cells = sector.lower()
    yield Column(
        f"conso{suffix}",
        "double",
        # Some of these labels have two spaces before the unit; headers are compared without spaces.
        labels=(f"Consommation {sector} (MWh)",),
        unit="MWh",
        description=f"Énergie de l'année, {of_cells} ; 0 sous secret",
    )
    yield Column(
        f"pdl{suffix}",
        "double",
        labels=(f"Nombre de points {sector}",),
        description=f"Points de livraison, {of_cells} ; 0 sous secret",
    )
    yield Column(
        f"nombre_maille_secretisees_{suffix}",
        "double",
        labels=(f"Nombre de mailles secretisées ({of_cells})",),
        description=f"Mailles dont la consommation est tue par secret statistique, {of_cells}",
    )


DATASET = Dataset(
    portal="ore",
    id="conso-elec-gaz-annuelle-par-secteur-dactivite-agregee-departement",
    title="Consommation annuelle d'électricité et gaz par secteur d'activité, agrégée au département",
    publisher="Agence ORE",
    cadence="yearly",
    expected_lag=YEARLY_LAG,
    history_start=HISTORY_START,
    partitioning=Partitioning("year", on="annee"),
    key=("annee", "code_departement", "filiere", "operateur"),
    fingerprint=("consototale",),
    withdrawn=True,
    left_in_raw=(
        "indquala",
        "indquali",
        "indqualt",
        "indqualr",
        "indqualna",
        "Indique qualité Agriculture",
        "Indice qualité Industrie",
        "Indice qualité Tertiaire",
        "Indice qualité Résidentiel",
        "Indice qualité Non Affecté",
        "thermor",
        "partr",
        "id_filiere",
        "geom",
        "code_postal",
    ),
    warning="Un zéro dont des mailles sont secrétisées est une valeur tue, non une consommation nulle.",
    known=(
        of_file("2021-09", "export de 2011 à 2019", "address", "columns", "units", "history"),
        of_code("2024", "derniers programmes qui le lisent : le jeu n'est plus servi", "cadence"),
    ),
    columns=(
        OPERATEUR,
        Column("annee", "int", labels=("Année",), nullable=False, description="Année civile"),
        FILIERE,
        *(column for suffix, sector in _SECTORS.items() for column in _sector(suffix, sector)),
        CODE_DEPARTEMENT,
        Column("libelle_departement", "text", labels=("Libellé Département",), description="Nom du département"),
        CODE_REGION,
        Column("libelle_region", "text", labels=("Libellé Région",), description="Nom de la région"),
        Column(
            "consototale",
            "double",
            labels=("Consommation totale (MWh)",),
            unit="MWh",
            description="Somme des cinq secteurs, zéros du secret compris",
        ),
    ),
)
