"""School holidays, one row for each académie."""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Partitioning, of_code, of_file

DATASET = Dataset(
    portal="education",
    id="fr-en-calendrier-scolaire",
    title="Calendrier scolaire",
    publisher="Ministère de l'Éducation nationale",
    # A decree a year at most; corrections and overseas calendars come in between.
    cadence="yearly",
    # The next holiday is known a year ahead: once the newest start is past, something is missing.
    expected_lag=timedelta(days=1),
    history_start=date(2009, 10, 26),
    # The ministry decides three school years ahead: a copy of December 2022 ends in July 2026.
    horizon=timedelta(days=5 * 366),
    partitioning=Partitioning("none"),
    dated_by="start_date",
    key=("annee_scolaire", "location", "description", "population", "start_date"),
    fingerprint=(),
    warning="Les calendriers d'outre-mer ont des dates impossibles (Réunion 2017-2018 : fins jusqu'à 536 jours après).",
    known=(
        of_file("2024-03", "exports de 2022 et 2024", "columns", "history"),
        of_code("2026-09-10", "programme qui lit le jeu", "address"),
    ),
    unverified=("cadence",),
    columns=(
        Column("description", "text", labels=("Description",), nullable=False, description="Nom des vacances"),
        Column(
            "population",
            "text",
            labels=("Population",),
            description="Qui est en vacances : « - » pour tous, Élèves, Enseignants, un degré, une île",
        ),
        Column(
            "start_date",
            "datetime",
            labels=("Date de début",),
            nullable=False,
            description="Minuit de Paris du jour de départ, après la classe",
        ),
        Column(
            "end_date",
            "datetime",
            labels=("Date de fin",),
            description="Minuit de Paris du jour de reprise ; égal au début pour un jour isolé ou une fin inconnue",
        ),
        Column("location", "text", labels=("Académies",), nullable=False, description="Académie"),
        Column("zones", "text", labels=("Zones",), description="Zone A, Zone B, Zone C, Corse, ou outre-mer"),
        Column(
            "annee_scolaire",
            "text",
            labels=("Année scolaire",),
            nullable=False,
            description="Année scolaire AAAA-AAAA ; AAAA dans l'hémisphère sud",
        ),
    ),
)
