"""What was forecast for the regions' chief towns since 2024, by hour and by how many days before it was said."""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Partitioning, of_code, of_page

DATASET = Dataset(
    portal="open_meteo_previous_runs",
    id="historique-previsions-meteo-regions",
    title="Prévisions météo passées des chefs-lieux de région, jusqu'à sept jours avant l'heure",
    publisher="Open-Meteo",
    licence="CC BY 4.0",
    cadence="daily",
    # What became known yesterday, and a day for the run.
    expected_lag=timedelta(days=2),
    history_start=date(2024, 1, 1),
    horizon=timedelta(days=7),
    partitioning=Partitioning("month", on="emise_a"),
    key=("emise_a", "code_region", "instant"),
    fingerprint=("temperature_2m",),
    territories="code_region",
    warning=(
        "Sortie de modèle pour le seul chef-lieu. L'API ne dit pas quand une valeur fut connue : emise_a est une "
        "borne, douze heures après le dernier calcul qui a pu la donner."
    ),
    known=(
        of_page("2026-11", "documentation de l'API Previous Runs", "address", "columns", "history", "cadence"),
        of_code("2026-08", "programmes qui lisent hourly_units", "units"),
    ),
    columns=(
        Column("emise_a", "datetime", nullable=False, description="Instant auquel la prévision était déjà connue"),
        Column("code_region", "text", nullable=False, description="Code INSEE de la région (2016)", width=2),
        Column("instant", "datetime", nullable=False, description="Heure prévue ; antérieure à l'émission : analyse"),
        Column("latitude", "double", unit="°", description="Latitude de la maille du modèle"),
        Column("longitude", "double", unit="°", description="Longitude de la maille du modèle"),
        Column("temperature_2m", "double", unit="°C", nullable=False, description="Température à deux mètres"),
    ),
    staged=(
        "emise_a",
        "code_region",
        "instant as instant_utc",
        "latitude as latitude_maille",
        "longitude as longitude_maille",
        "temperature_2m as temperature_c",
    ),
)
