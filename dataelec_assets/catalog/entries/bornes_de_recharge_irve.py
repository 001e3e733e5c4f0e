"""The national file of charging points (IRVE), consolidated from what every operator publishes.

The file itself was never seen by this project: columns are those of etalab/schema-irve 2.3, checked on its published
examples; the address and the columns that the consolidation adds are unverified.
"""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Edition, Partitioning, of_code, of_file
from dataelec_assets.catalog.entries._bornes import PERSONAL, point, station

DATASET = Dataset(
    portal="irve",
    id="bornes-de-recharge-irve",
    title="Base nationale des infrastructures de recharge pour véhicules électriques (IRVE), données statiques",
    publisher="data.gouv.fr, d'après les aménageurs",
    licence="Licence Ouverte v2.0 (Etalab)",
    cadence="daily",
    expected_lag=timedelta(days=7),
    history_start=date(2022, 1, 1),
    partitioning=Partitioning("none"),
    editions=(
        Edition(
            "all",
            "fr/datasets/r/eb76d20a-8501-400e-b336-d85724de5435",
            labels=("consolidation-etalab-schema-irve-statique", "irve-statique"),
        ),
    ),
    key=("id_pdc_itinerance",),
    fingerprint=(),
    # Operators add columns of their own.
    left_in_raw=("*",),
    personal=PERSONAL,
    page_path="fr/datasets/fichier-consolide-des-bornes-de-recharge-pour-vehicules-electriques/",
    warning="Déclaré par les exploitants : des points manquent, sont en double ou ont disparu sans être retirés.",
    known=(
        of_code("2026-07-29", "programmes qui lisent la consolidation nationale", "address", "cadence"),
        of_file("2026-08", "en-tête et quatre lignes de la consolidation", "columns", "units"),
    ),
    unverified=("history",),
    columns=(
        Column("id_pdc_itinerance", "text", description="Identifiant du point (AFIREV) ; répété si déclaré deux fois"),
        Column("id_pdc_local", "text", description="Identifiant local du point"),
        *station(),
        *point(),
        Column("coordonneesxy", "text", labels=("coordonneesXY",), description="[longitude, latitude] (WGS 84)"),
        Column("code_insee_commune", "text", description="Code INSEE de la commune, facultatif"),
        Column("date_maj", "text", description="Jour de mise à jour de la fiche"),
    ),
)
