"""Belib' in real time: what each charging point of Paris does now. No history is served: each state is kept."""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Partitioning, of_code, of_file

DATASET = Dataset(
    portal="paris",
    id="belib-points-de-recharge-pour-vehicules-electriques-disponibilite-temps-reel",
    title="Belib' - Points de recharge pour véhicules électriques - Disponibilité temps réel",
    publisher="Ville de Paris",
    licence="ODbL 1.0",
    cadence="quarter-hourly",
    # The portal processes it every few minutes (datasets.md, section 10).
    expected_lag=timedelta(hours=1),
    # A lake has the states since its first question; none before can be had, of the invented France neither.
    history_start=date(2023, 1, 1),
    partitioning=Partitioning("day", on="releve_a"),
    key=("releve_a", "id_pdc"),
    fingerprint=(),
    keep_vanished=True,
    stamped_by="releve_a",
    left_in_raw=("url_description_pdc", "URL Description Point de charge"),
    warning="Un état toutes les quinze minutes au mieux : une charge plus courte peut n'être jamais vue.",
    known=(
        of_file("2023-01", "export et états de décembre 2022 et janvier 2023", "address", "columns"),
        of_code("2024", "programmes qui gardent chaque état : le portail ne sert pas d'historique", "history"),
    ),
    unverified=("cadence",),
    columns=(
        Column(
            "releve_a",
            "datetime",
            nullable=False,
            description="Version de l'état au portail quand il fut lu ; un statut peut être un peu plus récent",
        ),
        Column(
            "id_pdc",
            "text",
            labels=("ID PDC local",),
            nullable=False,
            description="Identifiant local du point de charge, avec étoiles",
        ),
        Column(
            "statut_pdc",
            "text",
            labels=("Statut du point de recharge",),
            nullable=False,
            description="Statut publié",
        ),
        Column(
            "last_updated",
            "datetime",
            labels=("Heure mise à jour",),
            since=date(2016, 1, 1),  # the network opened that month; states of 2022 are in snapshots of 2023
            description="Dernier changement de statut (UTC) : jamais l'heure de l'état ; parfois figé depuis des mois",
        ),
        Column(
            "coordonneesxy",
            "text",
            labels=("Coordonnées géographiques",),
            declared="geo_point_2d",
            description="Latitude, longitude (WGS 84)",
        ),
        Column("adresse_station", "text", labels=("Adresse station",), description="Adresse, avec code postal"),
        Column(
            "code_insee_commune",
            "text",
            labels=("Code INSEE commune",),
            required=False,
            description="Code de l'arrondissement, parfois faux",
        ),
        Column(
            "arrondissement", "text", labels=("Arrondissement",), description="Arrondissement en clair, parfois faux"
        ),
    ),
)
