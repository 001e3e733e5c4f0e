"""What the three sets of charging points share: columns of etalab/schema-irve, and what is never loaded."""

from __future__ import annotations

from dataelec_assets.catalog import Column

# Contacts and telephones may be a person's, free texts may name one, a delivery point is a customer's.
PERSONAL = (
    "contact_amenageur",
    "contact_operateur",
    "telephone_operateur",
    "observations",
    "num_pdl",
    "Contact aménageur",
    "Contact opérateur",
    "Téléphone opérateur",
    "Numéro point livraison électricité",
)

_PLUGS = {
    "ef": ("EF", "domestique (E/F)"),
    "2": ("2", "de type 2"),
    "combo_ccs": ("Combo CCS", "Combo CCS"),
    "chademo": ("Chademo", "CHAdeMO"),
    "autre": ("Autre", "d'un autre type"),
}


def yes_or_no(name: str, label: str, description: str) -> Column:
    """Return a column of booleans that publishers write as texts: True, true or 1."""
    return Column(name, "text", labels=(label,), description=f"{description} : true ou false, en texte")


def plugs() -> tuple[Column, ...]:
    """Return which plugs a point has."""
    return tuple(
        yes_or_no(f"prise_type_{name}", f"Prise type {label}", f"Prise {words}")
        for name, (label, words) in _PLUGS.items()
    )


def station() -> tuple[Column, ...]:
    """Return what describes a station, repeated on the row of each of its points."""
    return (
        Column("id_station_local", "text", labels=("ID Station local",), description="Identifiant local de la station"),
        Column(
            "id_station_itinerance",
            "text",
            labels=("ID Station itinérance",),
            description="Identifiant de la station pour l'itinérance (AFIREV)",
        ),
        Column("nom_station", "text", labels=("Nom station",), description="Nom de la station"),
        Column(
            "nbre_pdc",
            "double",
            labels=("Nombre point de recharge",),
            unit="points",
            declared="int",
            description="Points de charge de la station, répété sur chaque point : ne jamais sommer",
        ),
        Column("adresse_station", "text", labels=("Adresse station",), description="Adresse de la station"),
        Column("condition_acces", "text", labels=("Conditions d'accès",), description="Accès libre ou réservé"),
        Column("nom_operateur", "text", labels=("Nom opérateur",), description="Exploitant"),
        Column("nom_enseigne", "text", labels=("Nom enseigne",), description="Enseigne"),
        Column(
            "date_mise_en_service",
            "text",
            labels=("Date mise en service",),
            declared="date",
            description="Jour de mise en service, ou instant selon les années",
        ),
    )


def point() -> tuple[Column, ...]:
    """Return what describes one point."""
    return (
        Column(
            "puissance_nominale",
            "double",
            labels=("Puissance max KW",),
            unit="kW",
            declared="int",
            description="Puissance ; en W chez ceux qui se trompent d'unité",
        ),
        *plugs(),
    )
