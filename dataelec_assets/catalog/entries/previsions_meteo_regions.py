"""Weather forecasts of the regions' chief towns, by hour, each with the instant at which it was issued."""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Partitioning, of_file, of_page

DATASET = Dataset(
    portal="open_meteo",
    id="previsions-meteo-regions",
    title="Prévisions météo horaires des chefs-lieux de région",
    publisher="Open-Meteo",
    licence="CC BY 4.0",
    cadence="six-hourly",
    expected_lag=timedelta(days=1),
    # This API shows what is in force now; two others of Open-Meteo keep what was replaced since 2024 and are not asked.
    # So a lake has forecasts since its first question, and none from before this month, of the invented France neither.
    history_start=date(2023, 1, 1),
    horizon=timedelta(days=16),  # Open-Meteo forecasts sixteen days at most; eight are asked for.
    partitioning=Partitioning("month", on="emise_a"),
    key=("emise_a", "code_region", "instant"),
    fingerprint=("temperature_2m",),
    keep_vanished=True,
    territories="code_region",
    warning="Sortie de modèle pour le seul chef-lieu, non une mesure : ni la région entière, ni une observation.",
    known=(
        of_file("2026-08", "réponses de 2024 et 2026", "columns", "units"),
        of_page("2026-11", "documentation de l'API", "address", "history", "cadence"),
    ),
    columns=(
        Column("emise_a", "datetime", nullable=False, description="Instant auquel cette prévision était en vigueur"),
        Column("code_region", "text", nullable=False, description="Code INSEE de la région (2016)", width=2),
        Column("instant", "datetime", nullable=False, description="Heure prévue ; antérieure à l'émission : analyse"),
        Column("latitude", "double", unit="°", description="Latitude de la maille du modèle"),
        Column("longitude", "double", unit="°", description="Longitude de la maille du modèle"),
        Column("temperature_2m", "double", unit="°C", description="Température à deux mètres"),
        Column("precipitation", "double", unit="mm", description="Précipitations de l'heure précédente"),
        Column("wind_speed_10m", "double", unit="m/s", description="Vitesse du vent à dix mètres"),
    ),
    staged=(
        "emise_a",
        "code_region",
        "instant as instant_utc",
        "latitude as latitude_maille",
        "longitude as longitude_maille",
        "temperature_2m as temperature_c",
        "precipitation as precipitation_mm",
        "wind_speed_10m as vent_m_s",
    ),
)
