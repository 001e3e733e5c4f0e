"""Renewable energy produced by region and year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Partitioning, of_file
from dataelec_assets.catalog.entries._shared import ANNEE, CODE_REGION, REGION_SHAPES

_PRODUCTIONS = {
    "production_hydraulique_renouvelable": ("hydraulique", "Production hydraulique hors pompage"),
    "production_bioenergies_renouvelable": ("bioénergies", "Part renouvelable des bioénergies"),
    "production_eolienne_renouvelable": ("éolienne", "Production éolienne"),
    "production_solaire_renouvelable": ("solaire", "Production solaire"),
}


def _gwh(name: str, label: str, description: str) -> Column:
    return Column(name, "double", labels=(f"{label} (GWh)",), unit="GWh", description=description)


DATASET = Dataset(
    portal="odre",
    id="prod-region-annuelle-enr",
    title="Production régionale annuelle des énergies renouvelables",
    publisher="RTE, NaTran (ex-GRTgaz), Teréga",
    cadence="yearly",
    expected_lag=timedelta(days=700),
    history_start=date(2008, 1, 1),
    partitioning=Partitioning("none"),
    dated_by="annee",
    key=("annee", "code_insee_region"),
    fingerprint=("production_electrique_renouvelable", "production_gaz_renouvelable"),
    left_in_raw=REGION_SHAPES,
    known=(of_file("2024-11", "export de 2008 à 2023", "address", "columns", "units", "history"),),
    unverified=("cadence",),
    columns=(
        # One published row has neither year nor region (and zeros): kept as it is, of no use to the tables.
        replace(ANNEE, nullable=True, description="Année ; une ligne publiée n'en a pas"),
        Column("nom_insee_region", "text", labels=("Nom INSEE région",), description="Nom de la région"),
        replace(CODE_REGION, nullable=True),
        *(_gwh(name, f"Production {label} renouvelable", text) for name, (label, text) in _PRODUCTIONS.items()),
        _gwh("production_electrique_renouvelable", "Production électrique renouvelable", "Somme des quatre filières"),
        _gwh(
            "production_gaz_renouvelable",
            "Production gaz renouvelable",
            "Gaz renouvelable injecté ; zéro jusqu'en 2013, jamais publié depuis dans la copie de 2024",
        ),
        _gwh("production_totale_renouvelable", "Production totale renouvelable", "Somme électricité et gaz"),
    ),
    staged=(
        "annee",
        "code_insee_region as code_region",
        "production_hydraulique_renouvelable as hydraulique_gwh",
        "production_bioenergies_renouvelable as bioenergies_gwh",
        "production_eolienne_renouvelable as eolien_gwh",
        "production_solaire_renouvelable as solaire_gwh",
        "production_electrique_renouvelable as electricite_gwh",
        "production_gaz_renouvelable as gaz_renouvelable_gwh",
    ),
)
