"""Indicators that users import from files of their own: the lines that `dataelec import-indicators` has accepted."""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Partitioning, of_code

DATASET = Dataset(
    portal="local",
    id="indicateurs-importes",
    title="Indicateurs importés",
    publisher="Propriétaires des fichiers",
    licence="Selon le propriétaire du fichier",
    cadence="yearly",
    # Nobody promises another file: what is imported does not grow old.
    expected_lag=timedelta(days=200 * 366),
    # As far back as INSEE's series by commune, which people join with their own.
    history_start=date(1876, 1, 1),
    partitioning=Partitioning("import"),
    key=("code_indicateur", "maille", "code_territoire", "annee"),
    fingerprint=("valeur",),
    dated_by="annee",
    known=(of_code("2026-11", "dataelec import-indicators", "columns", "history"),),
    warning="Valeurs fournies par leurs propriétaires, contrôlées dans leur forme et non dans leur fond.",
    columns=(
        Column("proprietaire", "text", nullable=False, description="Propriétaire du fichier importé"),
        Column("code_indicateur", "text", nullable=False, description="Code servi, avec son propriétaire"),
        Column("libelle", "text", nullable=False, description="Nom de l'indicateur"),
        Column("unite", "text", nullable=False, description="Unité des valeurs"),
        Column("type_variable", "text", nullable=False, description="effectif, ratio, mediane ou indice"),
        Column("source", "text", nullable=False, description="D'où le propriétaire tient la valeur"),
        Column("maille", "text", nullable=False, description="Maille du territoire"),
        Column("code_territoire", "text", nullable=False, description="Code du territoire, avec ses zéros initiaux"),
        Column("annee", "int", nullable=False, description="Année de la valeur"),
        Column("valeur", "double", description="Valeur ; nulle si elle est secrète ou absente"),
        Column("marqueur", "text", description="secret ou absent quand la valeur est nulle"),
    ),
    staged=(
        "proprietaire",
        "code_indicateur",
        "libelle",
        "unite",
        "type_variable",
        "source",
        "maille",
        "code_territoire",
        "annee",
        "valeur",
        "marqueur",
    ),
)
