"""Yearly consumption of electricity and gas by commune, operator, category, sector and NAF division."""

from __future__ import annotations

from dataelec_assets.catalog import Column, of_code, of_file, of_page
from dataelec_assets.catalog.entries._ore import CODE_DEPARTEMENT, CODE_REGION, annual_consumption, name

DATASET = annual_consumption(
    "consommation-annuelle-d-electricite-et-gaz-par-commune",
    "Consommation annuelle d'électricité et gaz par commune",
    Column(
        "code_commune",
        "text",
        labels=("Code Commune",),
        nullable=False,
        width=5,
        description="Code INSEE de la commune ; arrondissement à Paris, Lyon et Marseille jusqu'en 2017",
    ),
    name("nom_commune", "Nom Commune", "de la commune"),
    Column("code_epci", "text", labels=("Code EPCI",), description="SIREN de l'intercommunalité"),
    name("nom_epci", "Nom EPCI", "de l'intercommunalité"),
    Column("type_epci", "text", labels=("Type EPCI",), description="Nature de l'intercommunalité"),
    CODE_DEPARTEMENT,
    name("nom_departement", "Nom Département", "du département"),
    CODE_REGION,
    name("nom_region", "Nom Région", "de la région"),
    known=(
        of_file("2024-12", "extrait de la Métropole de Lyon, 47 colonnes", "columns", "units"),
        of_code("2026-08", "programme qui lit 3,4 millions de lignes, 2011 à 2024", "address", "history"),
        of_page("2025-12-16", "fiche du jeu : publication annuelle, nouvelle méthode depuis 2022", "cadence"),
    ),
)
