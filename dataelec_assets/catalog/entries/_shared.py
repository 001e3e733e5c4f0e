"""Columns that several ODRÉ data sets share, described once."""

from __future__ import annotations

from dataelec_assets.catalog import Column

# Seen in numeric columns of éCO2mix: "ND" (not available) and "-" (technology absent from the region).
MARKERS = ("ND", "-")

CODE_REGION = Column(
    "code_insee_region",
    "text",
    labels=("Code INSEE région",),
    nullable=False,
    description="Code INSEE de la région (2016)",
    width=2,
)

ANNEE = Column("annee", "int", labels=("Année", "Annee"), nullable=False, description="Année civile")

REGION = Column("region", "text", labels=("Région",), description="Nom de la région")

# No file that was seen holds another word than "non"; programs of 2026 that read it leave the other rows out.
FLAG_IGNORE = Column(
    "flag_ignore",
    "text",
    labels=("flag_ignore",),
    required=False,
    description="« non » : ligne à garder ; tout autre mot : ligne qu'ODRÉ rejette lui-même (négative, aberrante)",
)

# A megabyte of outlines for a few hundred rows: no use to the tables.
REGION_SHAPES = ("Géo-shape région", "Géo-point région", "geo_shape_region", "geo_point_region")


def power(name: str, label: str, description: str, *, declared_text: bool = False, required: bool = True) -> Column:
    """Return a column of power in MW; ``declared_text`` where the portal types the number as text."""
    return Column(
        name,
        "double",
        labels=(f"{label} (MW)", label),
        unit="MW",
        description=description,
        null_markers=MARKERS,
        declared="text" if declared_text else "int",
        required=required,
    )


def eco2mix_time(label_of_instant: str) -> tuple[Column, ...]:
    """Return the columns that place an éCO2mix row in time and say how final it is."""
    return (
        Column("nature", "text", labels=("Nature",), nullable=False, description="Statut de la donnée"),
        Column(
            "date",
            "date",
            labels=("Date",),
            nullable=False,
            declared="text",
            description="Jour civil, heure de Paris",
        ),
        Column(
            "heure",
            "text",
            labels=("Heure", "Heures"),
            nullable=False,
            description="Étiquette HH:MM imprimée par RTE : 96 par jour, changements d'heure compris",
        ),
        Column(
            "date_heure",
            "datetime",
            labels=(label_of_instant, "Date - Heure", "Date et Heure"),
            nullable=False,
            description="Instant (UTC) ; deux étiquettes fictives du printemps partagent ceux de l'heure suivante",
        ),
    )


def rates() -> tuple[Column, ...]:
    """Return the coverage (TCO) and load (TCH) rates of regional éCO2mix, in percent."""
    filieres = {
        "thermique": "Thermique",
        "nucleaire": "Nucléaire",
        "eolien": "Eolien",
        "solaire": "Solaire",
        "hydraulique": "Hydraulique",
        "bioenergies": "Bioénergies",
    }
    return tuple(
        Column(
            f"{rate}_{name}",
            "double",
            labels=(f"{rate.upper()} {label} (%)",),
            unit="%",
            null_markers=MARKERS,
            description=f"{meaning} ({label.lower()})",
        )
        for rate, meaning in (("tco", "Taux de couverture de la consommation"), ("tch", "Taux de charge du parc"))
        for name, label in filieres.items()
    )


def gross_consumption(instant_last_label: str = "Date - Heure") -> tuple[Column, ...]:
    """Return the measures and statuses of gross consumption, gas and electricity."""

    def gas(name: str, *operators: str) -> Column:
        return Column(
            name,
            "double",
            labels=tuple(f"Consommation brute gaz (MW PCS 0°C) - {operator}" for operator in operators),
            unit="MW PCS 0 °C",
            declared="int",
            null_markers=MARKERS,
            description=f"Consommation brute de gaz, réseau {operators[0]} ; horaire, nulle à :30",
        )

    def status(name: str, *operators: str) -> Column:
        return Column(
            name,
            "text",
            labels=tuple(f"Statut - {operator}" for operator in operators),
            description=f"Statut de la donnée de {operators[0]}",
        )

    return (
        Column("date_heure", "datetime", labels=(instant_last_label,), nullable=False, description="Instant (UTC)"),
        gas("consommation_brute_gaz_grtgaz", "NaTran", "GRTgaz"),
        status("statut_grtgaz", "NaTran", "GRTgaz"),
        gas("consommation_brute_gaz_terega", "Teréga"),
        status("statut_terega", "Teréga"),
        Column(
            "consommation_brute_gaz_totale",
            "double",
            labels=("Consommation brute gaz totale (MW PCS 0°C)",),
            unit="MW PCS 0 °C",
            declared="int",
            null_markers=MARKERS,
            description="Consommation brute de gaz, deux réseaux ; horaire, nulle à :30",
        ),
        Column(
            "consommation_brute_electricite_rte",
            "double",
            labels=("Consommation brute électricité (MW) - RTE",),
            unit="MW",
            declared="int",
            null_markers=MARKERS,
            description="Consommation brute d'électricité, douze régions hors Corse",
        ),
        status("statut_rte", "RTE"),
        Column(
            "consommation_brute_totale",
            "double",
            labels=("Consommation brute totale (MW)",),
            unit="MW",
            declared="int",
            null_markers=MARKERS,
            description="Somme gaz et électricité ; nulle à :30 comme le gaz",
        ),
    )
