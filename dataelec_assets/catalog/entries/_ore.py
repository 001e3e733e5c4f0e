"""Columns of Agence ORE's yearly consumption, as served since 2024: one row per operator, category, sector and NAF."""

from __future__ import annotations

from datetime import date, timedelta

from dataelec_assets.catalog import Column, Dataset, Partitioning
from dataelec_assets.catalog.evidence import Claim, Proof

# One year in three is published late: the consumption of 2024 came out in January 2026.
YEARLY_LAG = timedelta(days=800)

HISTORY_START = date(2011, 1, 1)

FILIERE = Column("filiere", "text", labels=("FILIERE", "Filière"), nullable=False, description="Electricité ou Gaz")

OPERATEUR = Column("operateur", "text", labels=("OPERATEUR", "Opérateur"), description="Gestionnaire de réseau")

CODE_REGION = Column(
    "code_region", "text", labels=("Code Région",), description="Code INSEE de la région (2016)", width=2
)

# No `width`: those of the overseas départements have three characters.
CODE_DEPARTEMENT = Column(
    "code_departement", "text", labels=("Code Département",), description="Code INSEE du département"
)

_CATEGORY = (
    Column(
        "code_categorie_consommation",
        "text",
        labels=("CODE CATEGORIE CONSOMMATION",),
        description="RES (résidentiel), PRO (petits professionnels), ENT (entreprises) et leurs réunions",
    ),
    Column(
        "code_grand_secteur",
        "text",
        labels=("CODE GRAND SECTEUR",),
        nullable=False,
        description="AGRICULTURE, INDUSTRIE, TERTIAIRE, RESIDENTIEL ou INCONNU",
    ),
    Column(
        "code_secteur_naf2",
        "text",
        labels=("CODE SECTEUR NAF2",),
        description="Division NAF à deux chiffres ; nulle hors entreprises",
    ),
)

_MEASURES = (
    Column("nb_sites", "double", labels=("Nb sites",), description="Points de livraison ; nul sous secret"),
    Column(
        "conso_totale_mwh",
        "double",
        labels=("Conso totale (MWh)",),
        unit="MWh",
        description="Énergie de l'année ; nulle sous secret",
    ),
    Column(
        "nombre_de_mailles_secretisees",
        "double",
        labels=("Nombre de mailles secretisées",),
        description="Mailles dont la consommation est tue par secret statistique",
    ),
    Column(
        "part_thermosensible",
        "double",
        labels=("Part thermosensible (%)",),
        required=False,
        description="Part thermosensible telle que publiée : dépasse 100 % en 2024, non reprise",
    ),
    Column(
        "conso_totale_a_usages_thermosensibles_mwh",
        "double",
        labels=("Conso totale à usages thermosensibles (MWh)",),
        unit="MWh",
        required=False,
        description="Énergie thermosensible telle que publiée : cent fois trop forte en 2024, non reprise",
    ),
    Column(
        "nombre_d_habitants",
        "double",
        labels=("Nombre d'habitants",),
        required=False,
        description="Habitants du territoire, sur quelques lignes seulement",
    ),
    Column(
        "taux_de_chauffage_electrique",
        "double",
        labels=("Taux de chauffage électrique",),
        unit="%",
        required=False,
        description="Logements chauffés à l'électricité ; sur les lignes résidentielles, une somme de taux",
    ),
)

# Averages, degree days and dwellings of the territory, repeated on some rows.
_LEFT_IN_RAW = (
    "Conso moyenne (MWh)",
    "Conso totale à usages non thermosensibles (MWh)",
    "Thermosensibilité totale (kWh DJU)",
    "Conso totale corrigée de l'aléa climatique à usages thermosensibles (MWh)",
    "Conso moyenne à usages thermosensibles (MWh)",
    "Conso moyenne à usages non thermosensibles (MWh)",
    "Thermosensibilité moyenne (kWh DJU)",
    "Conso moyenne corrigée de l'aléa climatique à usages thermosensibles (MWh)",
    "DJU à TR",
    "DJU à TN",
    "Taux de logements collectifs",
    "Taux de résidences principales",
    "Superficie des logements <30 m2",
    "Superficie des logements 30 à 40 m2",
    "Superficie des logements 40 à 60 m2",
    "Superficie des logements 60 à 80 m2",
    "Superficie des logements 80 à 100 m2",
    "Superficie des logements >100 m2",
    "Résidences principales avant 1919",
    "Résidences principales de 1919 à 1945",
    "Résidences principales de 1946 à 1970",
    "Résidences principales de 1971 à 1990",
    "Résidences principales de 1991 à 2005",
    "Résidences principales de 2006 à 2015",
    "Résidences principales après 2016",
    "centroid",
)


def annual_consumption(
    identifier: str,
    title: str,
    *territory: Column,
    known: tuple[Proof, ...],
    unverified: tuple[Claim, ...] = (),
) -> Dataset:
    """Return the entry of one grain; ``territory`` begins with the code that tells its rows apart."""
    return Dataset(
        portal="ore",
        id=identifier,
        title=title,
        publisher="Agence ORE",
        cadence="yearly",
        expected_lag=YEARLY_LAG,
        history_start=HISTORY_START,
        partitioning=Partitioning("year", on="annee"),
        key=(
            "annee",
            territory[0].name,
            "filiere",
            "operateur",
            *(column.name for column in _CATEGORY),
        ),
        # data-fair sums one measure a call: the first.
        fingerprint=("conso_totale_mwh",),
        known=known,
        unverified=unverified,
        left_in_raw=_LEFT_IN_RAW,
        warning=(
            "Une valeur nulle est tue par secret statistique : ce n'est pas un zéro ; les sommes sont des minima. "
            "Nouvelle méthode à partir de 2022 : 2011-2021 et 2022- sont deux séries."
        ),
        columns=(
            OPERATEUR,
            FILIERE,
            Column("annee", "int", labels=("Année",), nullable=False, description="Année civile"),
            *territory,
            *_CATEGORY,
            *_MEASURES,
        ),
    )


def name(column: str, label: str, what: str) -> Column:
    """Return the column of a territory's name."""
    return Column(column, "text", labels=(label,), description=f"Nom {what}")
