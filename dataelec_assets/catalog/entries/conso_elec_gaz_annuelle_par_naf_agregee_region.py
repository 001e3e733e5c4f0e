"""Yearly consumption by region, sector and NAF division, 2011 to 2021: the older long form, no longer served."""

from __future__ import annotations

from dataelec_assets.catalog import Column, Dataset, Partitioning, of_code, of_file
from dataelec_assets.catalog.entries._ore import CODE_REGION, FILIERE, HISTORY_START, OPERATEUR, YEARLY_LAG

DATASET = Dataset(
    portal="ore",
    id="conso-elec-gaz-annuelle-par-naf-agregee-region",
    title="Consommation annuelle d'électricité et gaz par secteur NAF, agrégée à la région",
    publisher="Agence ORE",
    cadence="yearly",
    expected_lag=YEARLY_LAG,
    history_start=HISTORY_START,
    partitioning=Partitioning("year", on="annee"),
    key=(
        "annee",
        "code_region",
        "filiere",
        "operateur",
        "code_categorie_consommation",
        "code_grand_secteur",
        "code_naf",
    ),
    fingerprint=("conso",),
    withdrawn=True,
    left_in_raw=("indqual", "libelle_categorie_consommation", "libelle_grand_secteur", "libelle_secteur_naf2", "geom"),
    warning="Un zéro dont des mailles sont secrétisées est une valeur tue, non une consommation nulle.",
    known=(
        of_file("2023-10", "export de 2011 à 2021", "address", "columns", "units", "history"),
        of_code("2024", "derniers programmes qui le lisent : le jeu n'est plus servi", "cadence"),
    ),
    columns=(
        OPERATEUR,
        Column("annee", "int", labels=("Année",), nullable=False, description="Année civile"),
        FILIERE,
        Column(
            "code_categorie_consommation",
            "text",
            description="RES, PRO, ENT et leurs réunions (RES-PRO, ENT_PRO) ; X si inconnue",
        ),
        Column(
            "code_grand_secteur",
            "text",
            nullable=False,
            description="A (agriculture), I (industrie), T (tertiaire), R (résidentiel) ou X (inconnu)",
        ),
        Column("code_naf", "text", description="Division NAF, sans zéro initial ; nulle hors entreprises"),
        Column("conso", "double", unit="MWh", description="Énergie de l'année ; 0 sous secret"),
        Column("pdl", "double", description="Points de livraison ; 0 sous secret"),
        Column(
            "nombre_mailles_secretisees",
            "double",
            description="Mailles dont la consommation est tue par secret statistique",
        ),
        CODE_REGION,
        Column("libelle_region", "text", description="Nom de la région"),
    ),
)
