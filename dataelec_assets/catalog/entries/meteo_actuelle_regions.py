"""Current weather of the regions' chief towns, as OpenWeatherMap tells it; optional: it needs a key."""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Partitioning, of_code, of_file

DATASET = Dataset(
    portal="openweathermap",
    id="meteo-actuelle-regions",
    title="Météo actuelle des chefs-lieux de région",
    publisher="OpenWeather",
    licence="CC BY-SA 4.0 (base de données : ODbL)",
    cadence="hourly",
    expected_lag=timedelta(hours=3),
    history_start=date(2023, 1, 1),
    partitioning=Partitioning("month", on="emise_a"),
    key=("emise_a", "code_region", "instant"),
    fingerprint=("temperature",),
    keep_vanished=True,
    territories="code_region",
    warning="Facultative, avec une clé. Estimation du fournisseur au seul chef-lieu, non une mesure certifiée.",
    known=(
        of_file("2025-07", "réponses de 2021, 2022 et 2025", "columns", "units"),
        of_code("2025-07", "programmes qui interrogent l'API", "address"),
    ),
    unverified=("history", "cadence"),
    columns=(
        Column("emise_a", "datetime", nullable=False, description="Instant auquel le portail a répondu"),
        Column("code_region", "text", nullable=False, description="Code INSEE de la région (2016)", width=2),
        Column("instant", "datetime", nullable=False, description="Instant du temps décrit"),
        Column("latitude", "double", unit="°", description="Latitude répondue"),
        Column("longitude", "double", unit="°", description="Longitude répondue"),
        Column("temperature", "double", unit="°C", description="Température"),
        Column("humidite", "double", unit="%", description="Humidité relative"),
        Column("pression", "double", unit="hPa", description="Pression atmosphérique"),
        Column("vent", "double", unit="m/s", description="Vitesse du vent"),
        Column("rafale", "double", unit="m/s", description="Vitesse des rafales, quand elle est dite"),
        Column("pluie_1h", "double", unit="mm", description="Pluie de l'heure précédente, quand elle est dite"),
        Column("nebulosite", "double", unit="%", description="Couverture nuageuse"),
    ),
    staged=(
        "emise_a",
        "code_region",
        "instant as instant_utc",
        "temperature as temperature_c",
        "humidite as humidite_pct",
        "pression as pression_hpa",
        "vent as vent_m_s",
        "rafale as rafale_m_s",
        "pluie_1h as pluie_1h_mm",
        "nebulosite as nebulosite_pct",
    ),
)
