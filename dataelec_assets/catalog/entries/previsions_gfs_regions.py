"""Forecasts of the GFS model for the regions' chief towns, as Infoclimat gives them; optional: they need a key."""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Partitioning, of_file

DATASET = Dataset(
    portal="infoclimat",
    id="previsions-gfs-regions",
    title="Prévisions GFS des chefs-lieux de région",
    publisher="Infoclimat",
    licence="Conditions de l'API publique d'Infoclimat",
    cadence="six-hourly",
    expected_lag=timedelta(days=1),
    history_start=date(2023, 1, 1),
    horizon=timedelta(days=16),  # A run of GFS reaches 384 hours.
    partitioning=Partitioning("month", on="emise_a"),
    key=("emise_a", "code_region", "instant"),
    fingerprint=("temperature_2m",),
    keep_vanished=True,
    territories="code_region",
    warning="Facultative, avec une clé. Sortie de modèle par pas de trois heures, pour le seul chef-lieu.",
    known=(of_file("2018-10", "une réponse d'octobre 2018", "columns"),),
    unverified=("address", "units", "history", "cadence"),
    columns=(
        Column("emise_a", "datetime", nullable=False, description="Instant auquel cette prévision était en vigueur"),
        Column("code_region", "text", nullable=False, description="Code INSEE de la région (2016)", width=2),
        Column("instant", "datetime", nullable=False, description="Pas prévu"),
        Column("run_modele", "text", description="Passage du modèle, tel que publié"),
        Column("temperature_2m", "double", unit="K", description="Température à deux mètres"),
        Column("humidite_2m", "double", unit="%", description="Humidité relative à deux mètres"),
        Column("pression_mer", "double", unit="Pa", description="Pression au niveau de la mer"),
        Column("pluie", "double", unit="mm", description="Précipitations de trois heures"),
        Column("vent_moyen", "double", unit="km/h", description="Vitesse moyenne du vent à dix mètres"),
        Column("vent_rafales", "double", unit="km/h", description="Vitesse des rafales à dix mètres"),
    ),
)
