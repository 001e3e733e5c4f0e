"""Weather of past hours in the regions' chief towns, analysed again over the whole past."""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Partitioning, of_page

DATASET = Dataset(
    portal="open_meteo_archive",
    id="archives-meteo-regions",
    title="Archives météo horaires des chefs-lieux de région",
    publisher="Open-Meteo",
    licence="CC BY 4.0",
    cadence="daily",
    # Five days of ERA5, and two for the portal and the run.
    expected_lag=timedelta(days=7),
    # The archive goes back to 1940. From the first snapshots of charging points on: a first load of what is before
    # would meet the limits of the free service, and nothing here needs it.
    history_start=date(2023, 1, 1),
    partitioning=Partitioning("month", on="instant"),
    key=("code_region", "instant"),
    fingerprint=("temperature_2m",),
    territories="code_region",
    warning="Réanalyse de modèle pour le seul chef-lieu, connue avec cinq jours de retard environ : non une mesure.",
    known=(
        of_page("2026-11", "documentation de l'API d'archives", "address", "columns", "units", "history", "cadence"),
    ),
    columns=(
        Column("code_region", "text", nullable=False, description="Code INSEE de la région (2016)", width=2),
        Column("instant", "datetime", nullable=False, description="Heure"),
        Column("latitude", "double", unit="°", description="Latitude de la maille du modèle"),
        Column("longitude", "double", unit="°", description="Longitude de la maille du modèle"),
        Column("temperature_2m", "double", unit="°C", description="Température à deux mètres"),
        Column("precipitation", "double", unit="mm", description="Précipitations de l'heure précédente"),
        Column("wind_speed_10m", "double", unit="m/s", description="Vitesse du vent à dix mètres"),
    ),
    staged=(
        "code_region",
        "instant as instant_utc",
        "latitude as latitude_maille",
        "longitude as longitude_maille",
        "temperature_2m as temperature_c",
        "precipitation as precipitation_mm",
        "wind_speed_10m as vent_m_s",
    ),
)
