"""Measures of éCO2mix, shared by the real-time and the consolidated sets."""

from __future__ import annotations

from dataelec_assets.catalog import Column
from dataelec_assets.catalog.entries._shared import power


def battery(*, declared_text: bool) -> tuple[Column, ...]:
    """Return the columns that appeared from 2023 on."""
    options = {"declared_text": declared_text, "required": False}
    return (
        power("stockage_batterie", "Stockage batterie", "Charge des batteries, négative", **options),
        power("destockage_batterie", "Déstockage batterie", "Décharge des batteries, positive", **options),
        power("eolien_terrestre", "Eolien terrestre", "Production éolienne terrestre", **options),
        power("eolien_offshore", "Eolien offshore", "Production éolienne en mer", **options),
    )


def national(*, text_columns: frozenset[str]) -> tuple[Column, ...]:
    """Return the measures of the national sets; ``text_columns`` are typed as text by the portal."""
    named = {
        "consommation": ("Consommation", "Consommation, hors Corse"),
        "prevision_j1": ("Prévision J-1", "Prévision de consommation faite la veille"),
        "prevision_j": ("Prévision J", "Prévision de consommation du jour même"),
        "fioul": ("Fioul", "Production fioul"),
        "charbon": ("Charbon", "Production charbon"),
        "gaz": ("Gaz", "Production gaz"),
        "nucleaire": ("Nucléaire", "Production nucléaire"),
        "eolien": ("Eolien", "Production éolienne"),
        "solaire": ("Solaire", "Production solaire"),
        "hydraulique": ("Hydraulique", "Production hydraulique, turbinage STEP compris"),
        "pompage": ("Pompage", "Pompage des STEP, négatif"),
        "bioenergies": ("Bioénergies", "Production bioénergies"),
        "ech_physiques": ("Ech. physiques", "Solde des échanges physiques ; positif : import"),
        "ech_comm_angleterre": ("Ech. comm. Angleterre", "Échange commercial ; négatif : export"),
        "ech_comm_espagne": ("Ech. comm. Espagne", "Échange commercial ; négatif : export"),
        "ech_comm_italie": ("Ech. comm. Italie", "Échange commercial ; négatif : export"),
        "ech_comm_suisse": ("Ech. comm. Suisse", "Échange commercial ; négatif : export"),
        "ech_comm_allemagne_belgique": (
            "Ech. comm. Allemagne-Belgique",
            "Échange commercial ; négatif : export",
        ),
        "fioul_tac": ("Fioul - TAC", "Fioul, turbines à combustion"),
        "fioul_cogen": ("Fioul - Cogénération", "Fioul, cogénération"),
        "fioul_autres": ("Fioul - Autres", "Fioul, autres"),
        "gaz_tac": ("Gaz - TAC", "Gaz, turbines à combustion"),
        "gaz_cogen": ("Gaz - Cogénération", "Gaz, cogénération"),
        "gaz_ccg": ("Gaz - CCG", "Gaz, cycles combinés"),
        "gaz_autres": ("Gaz - Autres", "Gaz, autres"),
        "hydraulique_fil_eau_eclusee": (
            "Hydraulique - Fil de l'eau + éclusée",
            "Hydraulique, fil de l'eau et éclusées",
        ),
        "hydraulique_lacs": ("Hydraulique - Lacs", "Hydraulique, lacs"),
        "hydraulique_step_turbinage": ("Hydraulique - STEP turbinage", "Hydraulique, turbinage des STEP"),
        "bioenergies_dechets": ("Bioénergies - Déchets", "Bioénergies, déchets"),
        "bioenergies_biomasse": ("Bioénergies - Biomasse", "Bioénergies, biomasse"),
        "bioenergies_biogaz": ("Bioénergies - Biogaz", "Bioénergies, biogaz"),
    }
    measures = [
        power(name, label, description, declared_text=name in text_columns)
        for name, (label, description) in named.items()
    ]
    co2 = Column(
        "taux_co2",
        "double",
        labels=("Taux de CO2 (g/kWh)", "Taux de Co2"),
        unit="g/kWh",
        declared="int",
        null_markers=("ND", "-"),
        description="Émissions de CO2 par kWh produit en France",
    )
    return (
        Column("perimetre", "text", labels=("Périmètre",), description="France ; Corse exclue des mesures"),
        *measures,
        co2,
    )


def regional(*, text_columns: frozenset[str]) -> tuple[Column, ...]:
    """Return the measures of the regional sets; ``text_columns`` are typed as text by the portal."""
    named = {
        "consommation": ("Consommation", "Consommation de la région"),
        "thermique": ("Thermique", "Production thermique : charbon, fioul et gaz confondus"),
        "nucleaire": ("Nucléaire", "Production nucléaire"),
        "eolien": ("Eolien", "Production éolienne"),
        "solaire": ("Solaire", "Production solaire"),
        "hydraulique": ("Hydraulique", "Production hydraulique"),
        "pompage": ("Pompage", "Pompage des STEP, négatif"),
        "bioenergies": ("Bioénergies", "Production bioénergies"),
        "ech_physiques": ("Ech. physiques", "Solde des échanges de la région ; positif : import"),
    }
    return tuple(
        power(name, label, description, declared_text=name in text_columns)
        for name, (label, description) in named.items()
    )
