"""Belib': where the charging points of Paris are and what they can do."""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Partitioning, of_file
from dataelec_assets.catalog.entries._bornes import PERSONAL, point, station

DATASET = Dataset(
    portal="paris",
    id="belib-points-de-recharge-pour-vehicules-electriques-donnees-statiques",
    title="Belib' - Points de recharge pour véhicules électriques - Données statiques",
    publisher="Ville de Paris",
    licence="ODbL 1.0",
    cadence="daily",
    # The copy of June 2025 was last changed in November 2024.
    expected_lag=timedelta(days=400),
    history_start=date(2021, 1, 1),
    partitioning=Partitioning("none"),
    # The points under test of 2022 have no identifier.
    key=("id_pdc_local", "id_station_local"),
    fingerprint=("nbre_pdc",),
    personal=PERSONAL,
    left_in_raw=(
        *("gratuit", "paiement_acte", "paiement_cb", "paiement_autre", "reservation", "siren_amenageur"),
        *("nom_amenageur", "tarification", "accessibilite_pmr", "restriction_gabarit", "station_deux_roues"),
        *("prise_type_3", "horaires", "raccordement", "implantation_station"),
        # The labels of 2022.
        *("Type implantation", "Gratuité", "Paiement à l'acte", "Paiement CB", "Paiement autres", "Réservation"),
        *("SIREN aménageur", "Nom aménageur", "Accessibilité PMR", "Stationnement 2 roues"),
        "Prise type 3",
    ),
    known=(of_file("2025-06", "exports de 2022, 2024 et 2025", "address", "columns", "units"),),
    unverified=("history", "cadence"),
    columns=(
        Column(
            "id_pdc_local",
            "text",
            labels=("ID PDC local",),
            description="Identifiant local du point, avec étoiles ; nul aux points en test",
        ),
        Column(
            "id_pdc_itinerance",
            "text",
            labels=("ID PDC itinérance",),
            description="Identifiant du point pour l'itinérance : l'identifiant local sans étoiles",
        ),
        Column("statut_pdc", "text", labels=("Statut du Point de charge",), description="En service, en test …"),
        *station(),
        *point(),
        Column(
            "coordonneesxy",
            "text",
            labels=("Coordonnées géographiques",),
            declared="geo_point_2d",
            description="Latitude, longitude (WGS 84)",
        ),
        Column(
            "code_insee_commune",
            "text",
            labels=("Code INSEE commune",),
            required=False,  # gone in 2025
            description="Code de l'arrondissement, parfois faux",
        ),
        Column(
            "arrondissement", "text", labels=("Arrondissement",), description="Arrondissement en clair, parfois faux"
        ),
        Column(
            "date_maj",
            "text",
            labels=("Date mise à jour",),
            declared="date",
            description="Jour de mise à jour de la fiche, ou instant selon les années",
        ),
    ),
)
