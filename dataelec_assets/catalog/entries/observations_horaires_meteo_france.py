"""Hourly measurements of Météo-France's stations around the regions' chief towns."""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Partitioning, of_code

_QUALITY = "0 protégée, 1 validée, 2 douteuse, 9 filtrée"

DATASET = Dataset(
    portal="meteo_france",
    id="observations-horaires-meteo-france",
    title="Données climatologiques de base horaires, stations proches des chefs-lieux de région",
    publisher="Météo-France",
    cadence="daily",
    # A day or two, and one for the run.
    expected_lag=timedelta(days=4),
    # As far back as the archive in whose place it is read; files go back to the 19th century.
    history_start=date(2023, 1, 1),
    partitioning=Partitioning("month", on="instant"),
    key=("code_region", "num_poste", "instant"),
    fingerprint=("t",),
    territories="code_region",
    warning="Une station par chef-lieu, souvent celle de l'aéroport : une mesure en un point, non la région.",
    known=(
        of_code("2026-08", "programmes qui lisent ces fichiers, au miroir OVH de data.gouv.fr", "address", "history"),
        of_code("2026-09", "en-tête et lignes citées par des programmes publics", "columns", "units", "cadence"),
    ),
    columns=(
        Column("code_region", "text", nullable=False, description="Code INSEE de la région (2016)", width=2),
        Column("num_poste", "text", nullable=False, description="Numéro Météo-France du poste", width=8),
        Column("nom_usuel", "text", description="Nom usuel du poste"),
        Column("lat", "double", unit="°", nullable=False, description="Latitude du poste"),
        Column("lon", "double", unit="°", nullable=False, description="Longitude du poste"),
        Column("alti", "double", unit="m", description="Altitude du pied de l'abri"),
        Column("distance_km", "double", unit="km", nullable=False, description="Distance au chef-lieu, calculée"),
        Column("instant", "datetime", nullable=False, description="Heure"),
        Column("t", "double", unit="°C", nullable=False, description="Température sous abri, instantanée"),
        Column("qt", "int", description=f"Qualité de la température : {_QUALITY}"),
        Column("rr1", "double", unit="mm", description="Précipitations de l'heure précédente"),
        Column("qrr1", "int", description=f"Qualité des précipitations : {_QUALITY}"),
        Column("ff", "double", unit="m/s", description="Vent moyen sur dix minutes, à dix mètres"),
        Column("qff", "int", description=f"Qualité du vent : {_QUALITY}"),
    ),
    staged=(
        "code_region",
        "num_poste as numero_poste",
        "nom_usuel as nom_poste",
        "lat as latitude",
        "lon as longitude",
        "alti as altitude_m",
        "distance_km",
        "instant as instant_utc",
        "t as temperature_c",
        "qt as qualite_temperature",
        "rr1 as precipitation_mm",
        "qrr1 as qualite_precipitation",
        "ff as vent_m_s",
        "qff as qualite_vent",
    ),
)
